from flask import Flask
import os
import socket

app = Flask(__name__)
cluster = os.getenv("CLUSTER")


@app.route("/" + cluster)
def index():
    # the hostname of an instance holds its private address
    return "Instance " + socket.gethostname() + " is responding"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=80)
