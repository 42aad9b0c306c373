"""many_runs.py API_FILE RUNS: makes so many runs of ten actions through the HTTP API at once, as a client that goes on when the service dies and is there again.

Prints "a third has ended" when that is so, and at the end how the runs stand, as JSON."""

import http.client
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

API_FILE, RUNS = sys.argv[1], int(sys.argv[2])
ACTIONS = 10
gate, ended, repeated = threading.Lock(), 0, 0


class Refused(Exception):
    pass


def call(method, path, body=None):
    global repeated
    while True:
        try:
            with open(API_FILE) as file:
                api = json.load(file)
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(api["url"] + path, data, {"Authorization": "Bearer " + api["secret"], "Content-Type": "application/json"}, method=method)
            with urllib.request.urlopen(request, timeout=90) as response:
                return json.load(response)
        except urllib.error.HTTPError as refusal:
            problem = json.load(refusal)
            if problem["code"] != "CLOSING":
                raise Refused(problem) from None
        except (OSError, ValueError, http.client.HTTPException):
            # The service has died, or its file is being written anew.
            with gate:
                repeated += 1
        time.sleep(0.1)


def run(number):
    global ended
    run_id = f"6b07e37f{number:016x}"
    path = f"/v1/orchestrations/{run_id}"
    call("POST", "/v1/orchestrations", {"name": "squares", "orchId": run_id})
    actions = [{"name": "square", "params": {"n": 1000 * number + i}} for i in range(ACTIONS)]
    call("POST", path + "/batches", {"key": "squares", "actions": actions, "parallelism": 4, "retries": 3})
    while (batch := call("GET", path + "/batches/squares?wait=30s"))["status"] == "running":
        pass
    results = [result.get("result", {}).get("n") for result in batch["results"]]
    with gate:
        ended += 1
        if ended == RUNS // 3:
            print("a third has ended", flush=True)
    try:
        call("POST", path + "/complete", {"output": sum(results)})
    except Refused as refusal:
        # It was completed, and the service died before it said so.
        if refusal.args[0]["code"] != "ENDED":
            raise
    report = call("GET", path + "/report")
    right = results == [(1000 * number + i) ** 2 for i in range(ACTIONS)] and report["status"] == "completed" and report["output"] == sum(results)
    return right, sum(len(action["attempts"]) for action in report["actions"])


with ThreadPoolExecutor(RUNS) as pool:
    outcomes = list(pool.map(run, range(RUNS)))
print(json.dumps({"right": sum(right for right, _ in outcomes), "attempts": sum(attempts for _, attempts in outcomes), "repeatedRequests": repeated}))
