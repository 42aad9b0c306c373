"""whole_api.py URL KEY: calls every operation that the service's OpenAPI document names, as a client of any language would, and checks what comes back.

Prints, as JSON, the operations that the document names and those that were called."""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

URL, KEY = sys.argv[1], sys.argv[2]
WORKFLOW = """
name: doubling
params: { n: 1 }
defaults: { retry: { retries: 0 } }
steps:
  - { id: first, action: double, with: { n: "${{ params.n }}" } }
  - { id: second, action: double, needs: [first], with: { n: "${{ steps.first.result.n }}" } }
output: "${{ steps.second.result.n }}"
"""


def ask(method, path, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"Authorization": "Bearer " + KEY, "Content-Type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=90) as response:
        text = response.read().decode()
        return response.status, response.headers, json.loads(text) if "json" in (response.headers["Content-Type"] or "") else text


DOCUMENT = ask("GET", "/openapi.json")[2]
OPERATIONS = {operation["operationId"]: (method.upper(), path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()}
called = set()


def resolve(schema):
    return DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def check(schema, value, where):
    schema = resolve(schema)
    if "anyOf" in schema:
        if value is not None:
            check(schema["anyOf"][0], value, where)
        return
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float), "null": type(None)}
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    assert not types or any(isinstance(value, kinds[t]) for t in types), f"{where}: {value!r} is no {types}"
    if isinstance(value, dict):
        missing = [name for name in schema.get("required", []) if name not in value]
        assert not missing, f"{where}: {missing} are missing in {value}"
        unknown = set(value) - set(schema.get("properties", value)) if not schema.get("additionalProperties") else set()
        assert not unknown, f"{where}: {unknown} are not described"
        for name, part in schema.get("properties", {}).items():
            if name in value:
                check(part, value[name], f"{where}.{name}")
    if isinstance(value, list):
        for i, part in enumerate(value):
            check(schema["items"], part, f"{where}[{i}]")


def call(operation_id, body=None, query=None, headers=None, **parts):
    method, path, operation = OPERATIONS[operation_id]
    called.add(operation_id)
    for name, value in parts.items():
        path = path.replace("{" + name + "}", urllib.parse.quote(value))
    known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
    assert set(query or {}) <= known, f"{operation_id} does not describe {set(query) - known}"
    if query:
        path += "?" + urllib.parse.urlencode(query)
    status, answer_headers, answer = ask(method, path, body, headers)
    described = operation["responses"][str(status)]
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema and not isinstance(answer, str):
        check(schema, answer, operation_id)
    return answer


def refused(status, code, operation_id, *arguments, **named):
    try:
        call(operation_id, *arguments, **named)
    except urllib.error.HTTPError as refusal:
        problem = json.load(refusal)
        assert (refusal.code, problem["code"]) == (status, code), problem
        check({"$ref": "#/components/schemas/Problem"}, problem, operation_id)
        return
    raise AssertionError(f"{operation_id} was not refused")


def wait_for_end(run):
    while (shown := call("getOrchestrationsId", id=run))["status"] == "running":
        time.sleep(0.05)
    return shown


assert call("getHealthLive")["status"] == "live" and call("getHealthReady")["status"] == "ready"
assert call("getInfo")["active"] == []

# Workflows: checked, kept, run by name, and shown.
described = call("postWorkflowsValidate", {"workflow": WORKFLOW})
assert (described["name"], described["steps"], described["params"]) == ("doubling", ["first", "second"], [{"name": "n", "required": False, "default": 1}])
refused(400, "BAD_WORKFLOW", "postWorkflowsValidate", {"workflow": "name: x"})
call("putWorkflowsName", {"workflow": WORKFLOW}, name="twice")
assert call("getWorkflows")["workflows"] == ["twice"]
assert call("getWorkflowsName", name="twice")["workflow"] == WORKFLOW
refused(404, "NO_WORKFLOW", "postOrchestrations", {"workflowName": "twise"})
start = {"workflowName": "twice", "params": {"n": 5}, "idempotencyKey": "the same"}
run = call("postOrchestrations", start)["orchId"]
assert call("postOrchestrations", start)["orchId"] == run
refused(409, "IDEMPOTENCY_KEY", "postOrchestrations", {**start, "params": {"n": 6}})
assert wait_for_end(run)["status"] == "completed"
call("deleteWorkflowsName", name="twice")
assert call("postOrchestrations", start)["orchId"] == run

# What happened.
report = call("getOrchestrationsIdReport", id=run)
assert (report["output"], len(report["actions"])) == (20, 2)
assert "output: 20" in call("getOrchestrationsIdReport", id=run, query={"format": "text"})
assert call("getOrchestrationsIdReport", id=run, query={"bodies": "false"})["actions"][0]["body"] is None
page = call("getOrchestrationsIdActions", id=run, query={"limit": 1})
assert page["actions"][0]["step"] == "first"
page = call("getOrchestrationsIdActions", id=run, query={"limit": 1, "cursor": page["next"]})
assert (page["actions"][0]["step"], page["next"]) == ("second", None)
assert len(call("getOrchestrationsIdActions", id=run, query={"step": "first", "status": "succeeded"})["actions"]) == 1
refused(404, "NO_STEP", "getOrchestrationsIdActions", id=run, query={"step": "frist"})
events = call("getOrchestrationsIdEvents", id=run)
assert events.rstrip().endswith('data: {"status":"completed"}')
last = [line for line in events.splitlines() if line.startswith("id: ")][-1][4:]
assert "event: commit" not in call("getOrchestrationsIdEvents", id=run, headers={"Last-Event-ID": last})
assert [row["sequenceNr"] for row in call("getOrchestrationsIdHistory", id=run)["rows"]][:2] == [1, 2]
assert len(call("getOrchestrationsIdHistory", id=run, query={"limit": 1})["rows"]) == 1
call("getOrchestrationsIdEta", id=run)
assert "doubling 5" in str(call("getOrchestrationsIdLogs", id=run))

# Batches of a client's own.
batches = call("postOrchestrations", {"name": "by hand"})["orchId"]
key = call("postOrchestrationsIdBatches", {"actions": [{"name": "double", "params": {"n": 4}}, {"name": "missing-input", "writes": ["out/a.txt"]}], "retries": 0}, id=batches)["key"]
batch = call("getOrchestrationsIdBatchesKey", id=batches, key=key, query={"wait": "30s"})
assert (batch["status"], batch["succeeded"], batch["failed"], batch["results"][0]["result"]) == ("ended", 1, 1, {"n": 8})
call("postOrchestrationsIdBatches", {"key": "write", "actions": [{"name": "write", "writes": ["out/made.txt"]}]}, id=batches)
assert call("getOrchestrationsIdBatchesKey", id=batches, key="write", query={"wait": "30s"})["succeeded"] == 1
call("postOrchestrationsIdBatches", {"key": "slow", "actions": [{"name": "slow"}]}, id=batches)
refused(409, "BATCH_RUNNING", "postOrchestrationsIdComplete", {}, id=batches)
call("getOrchestrationsIdBatchesKey", id=batches, key="slow", query={"wait": "30s"})
assert call("postOrchestrationsIdComplete", {"output": "done"}, id=batches)["status"] == "completed"

# Objects.
assert call("getOrchestrationsIdObjects", id=batches)["objects"][0]["object"] == "out/made.txt"
assert call("getObjectsBucketKey", bucket="out", key="made.txt")["orchId"] == batches
refused(404, "NO_WRITER", "getObjectsBucketKey", bucket="out", key="never.txt")
healed = call("postOrchestrationsIdHeal", {"plan": True}, id=batches)
assert (healed["orchId"], healed["plan"]["missing"]) == (None, [])

# Ends of other kinds, and going on.
failing = call("postOrchestrations", {"name": "to fail"})["orchId"]
assert call("postOrchestrationsIdResume", {}, id=failing)["status"] == "running"
assert call("postOrchestrationsIdFail", {"message": "no more", "code": "GONE"}, id=failing)["status"] == "failed"
cancelled = call("postOrchestrations", {"name": "to cancel"})["orchId"]
assert call("postOrchestrationsIdCancel", {"reason": "enough"}, id=cancelled)["status"] == "cancelled"
broken = call("postOrchestrations", {"workflow": WORKFLOW.replace("action: double, needs", "action: missing-input, needs")})["orchId"]
assert wait_for_end(broken)["status"] == "failed"
assert call("postOrchestrationsIdRetry", {"step": "second"}, id=broken)["orchId"] == broken
wait_for_end(broken)

# Lists, page by page.
seen, query = [], {"limit": 2}
while True:
    page = call("getOrchestrations", query=query)
    seen += [run["orchId"] for run in page["runs"]]
    if "next" not in page:
        break
    query["cursor"] = page["next"]
assert seen == sorted(seen, reverse=True) and set(seen) == {run, batches, failing, cancelled, broken}, seen
assert [r["orchId"] for r in call("getOrchestrations", query={"status": "cancelled"})["runs"]] == [cancelled]
assert [r["orchId"] for r in call("getOrchestrations", query={"name": "by hand", "since": "2020-01-01T00:00:00Z"})["runs"]] == [batches]
assert call("getOrchestrations", query={"until": "2020-01-01T00:00:00Z"})["runs"] == []
assert [r["orchId"] for r in call("getOrchestrations", query={"id": run[:20]})["runs"]].count(run) == 1
assert "orchestration_runs_started_total" in call("getMetrics")

print(json.dumps({"described": sorted(OPERATIONS), "called": sorted(called)}))
