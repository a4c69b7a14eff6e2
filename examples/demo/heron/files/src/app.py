import os
import subprocess

from flask import Flask
from waitress import serve

CLUSTER = os.environ['CLUSTER']
ME = subprocess.check_output(['ec2-metadata', '--instance-id', '--quiet'], text=True).strip()

app = Flask(__name__)


@app.route('/' + CLUSTER)
def answer():
    return {'instance': ME, 'cluster': CLUSTER}


if __name__ == '__main__':
    serve(app, host='0.0.0.0', port=80)
