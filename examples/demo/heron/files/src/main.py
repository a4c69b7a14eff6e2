import json
import sys

from aws import Stack
from bench import bench
from plot import plot

STATE = 'state.json'
RESULT = 'result.json'


def load(path):
    with open(path) as file:
        return json.load(file)


def save(path, value):
    with open(path, 'w') as file:
        json.dump(value, file)


def main(command):
    if command == 'up':
        save(STATE, Stack().up())
    elif command == 'bench':
        save(RESULT, bench(load(STATE)['dns']))
    elif command == 'plot':
        plot(load(STATE), load(RESULT))
    elif command == 'down':
        Stack(load(STATE)).down()
    else:
        raise SystemExit('usage: main.py up|bench|plot|down')


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else '')
