"""Squares its item; its first attempts fail as often as they are told to. The line that it prints says in the activation's record which attempt ran."""

import json
import time


def main(args):
    attempt = args["__orchestration"]["attempt"]
    print(json.dumps({"orch_id": args["context"]["orch_id"], "action_id": args["context"]["action_id"], "attempt": attempt}), flush=True)
    time.sleep(args["seconds"])
    if attempt <= args["failures"]:
        return {"error": {"code": "Planned", "message": "attempt %d is to fail" % attempt, "meta": None}}
    return {"item": args["item"], "square": args["item"] ** 2}
