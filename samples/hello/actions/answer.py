"""The last of three: answers what the second one asked."""

import time


def main(args):
    time.sleep(float(args.get("sleep", 0)))
    return {"output": "%s Yes, and it came through three actions." % args["input"]}
