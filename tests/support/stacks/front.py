"""A door before the emulator that answers what the emulator cannot, out of the emulator's own store.

moto knows CloudWatch's older protocols only, while the SDK speaks Smithy RPC v2 with CBOR; and it has no Cloud Control.
Everything else passes through.
"""

import http.client
import json
import struct
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cloud_control
import lacking
from account import client


def head(major, number):
    """The first bytes of a CBOR item."""
    for code, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(number)


def cbor(value):
    """A value of boto3's as CBOR."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, datetime):
        return head(6, 1) + cbor(value.timestamp())
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(inner) for key, inner in value.items())


def region_of(headers):
    """The region that the request was signed for."""
    return headers["Authorization"].split("Credential=")[1].split("/")[2]


class Door(BaseHTTPRequestHandler):
    """One request: answered here, or passed on."""

    protocol_version = "HTTP/1.1"
    endpoint = None

    def do_POST(self):
        """Looks at what is asked."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/operation/DescribeAlarms"):
            watch = client(self.endpoint, region_of(self.headers), "cloudwatch")
            reply = watch.describe_alarms(AlarmTypes=["MetricAlarm"])
            reply = cbor({"MetricAlarms": reply["MetricAlarms"]})
            self.answer(200, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, reply)
        elif self.path.endswith("/operation/ListTagsForResource"):
            watch = client(self.endpoint, region_of(self.headers), "cloudwatch")
            # The request names one ARN, and nothing else in it begins like one.
            arn = body[body.index(b"arn:"):].split(b"\xff")[0].decode()
            reply = cbor({"Tags": watch.list_tags_for_resource(ResourceARN=arn)["Tags"]})
            self.answer(200, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, reply)
        elif (target := self.headers.get("X-Amz-Target", "")).startswith("CloudApiService."):
            operation = target.split(".")[1]
            status, reply = cloud_control.answer(
                self.endpoint, region_of(self.headers), operation, json.loads(body)
            )
            self.answer(status, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(reply).encode())
        elif target in lacking.ANSWERS:
            reply = lacking.ANSWERS[target](self.endpoint, region_of(self.headers), json.loads(body))
            self.answer(200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(reply).encode())
        elif (reply := lacking.answered(body)) is not None:
            self.answer(200, {"Content-Type": "text/xml"}, reply)
        else:
            self.forward(body)

    def do_GET(self):
        """Passes it on."""
        self.forward(None)

    do_HEAD = do_GET

    def forward(self, body):
        """Asks the emulator."""
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"))
        connection.request(self.command, self.path, body, dict(self.headers))
        reply = connection.getresponse()
        left_out = ("connection", "transfer-encoding", "content-length", "server", "date")
        headers = {name: value for name, value in reply.getheaders() if name.lower() not in left_out}
        self.answer(reply.status, headers, lacking.changed(body, reply.read()), reply.getheader("Content-Length"))
        connection.close()

    def answer(self, status, headers, body, length=None):
        """Sends a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


def open_door(endpoint):
    """Starts it on a free port; gives its address."""
    Door.endpoint = endpoint
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
