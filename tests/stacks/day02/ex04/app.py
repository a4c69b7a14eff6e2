"""Answers requests for the files in the bucket."""

from flask import Flask, jsonify

import s3_funcs

app = Flask(__name__)


@app.route("/list_files")
def list_files():
    """The files in the bucket."""
    return jsonify(status=200, content=s3_funcs.list_files())
