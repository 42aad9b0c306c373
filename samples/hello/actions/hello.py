"""The first of three: greets its input."""

import time


def main(args):
    time.sleep(float(args.get("sleep", 0)))
    return {"output": "Hello, %s!" % args["input"]}
