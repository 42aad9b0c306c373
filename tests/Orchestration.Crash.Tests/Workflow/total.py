"""Adds up the squares."""

import json


def main(args):
    attempt = args["__orchestration"]["attempt"]
    print(json.dumps({"orch_id": args["context"]["orch_id"], "action_id": args["context"]["action_id"], "attempt": attempt}), flush=True)
    return {"total": sum(part["square"] for part in args["parts"])}
