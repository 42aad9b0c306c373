"""The second of three: asks about what the first one said."""

import time


def main(args):
    time.sleep(float(args.get("sleep", 0)))
    return {"output": 'Did somebody say "%s"?' % args["input"]}
