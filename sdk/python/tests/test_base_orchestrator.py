import asyncio
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

from bson import ObjectId

import BaseOrchestrator as package
from BaseOrchestrator import BaseOrchestrator, ServiceError, history, settings

from .support import MongoServer, S3Server

ROOT = Path(__file__).resolve().parents[3]
SDK = ROOT / "sdk" / "python"
AUTH = ("23bc46b1-71f6-4ed5-8c54-816aa4f8c502", "123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP")

ECHO = "def main(args):\n    return {'echo': args['n'], 'context': sorted(args['context'])}\n"

# Fails as often as its parameter says, and for ever when that is large.
FLAKY = """
import os
def main(args):
    count = os.path.join(args["folder"], args["name"])
    with open(count, "a") as calls:
        calls.write("x")
    if os.path.getsize(count) <= args["failures"]:
        return {"error": {"code": "Flaky", "message": "try again", "meta": None}} if args["name"] != "text" else {"error": "just a text"}
    return {"calls": os.path.getsize(count)}
"""

# As an old action: it tells nobody in its reply what it wrote, so only @store.action makes it known here.
FILES = """
from object_store import store
from object_store.settings import from_environment

@store.action
def main(args):
    objects = store.ObjectStore(from_environment()[0], ["files"])
    text = ""
    for name in args["reads"]:
        objects.get_sync(args["context"], "files", name)
        text += open("files/" + name).read()
    with open("files/" + args["writes"], "w") as target:
        target.write(text + args.get("text", ""))
    objects.put_sync(args["context"], "files", args["writes"])
    return {"wrote": args["writes"]}
"""


class ServiceTests(unittest.TestCase):
    """One service of the built program for all tests, on the local OpenWhisk with three actions."""

    @classmethod
    def setUpClass(cls):
        program = ROOT / "artifacts" / "bin" / "Orchestration.Host" / "release" / "Orchestration.Host.dll"
        if not program.is_file():
            raise AssertionError("These tests need the built program: dotnet build Orchestration.sln -c Release (./test does it).")
        temporary = tempfile.TemporaryDirectory(prefix="orchestration-python-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        command = cls.folder / "orchestration"
        command.write_text('#!/bin/sh\nexec dotnet "%s" "$@"\n' % program)
        command.chmod(0o755)
        cls.environment = {
            "ORCHESTRATION_COMMAND": str(command), "Orchestration__DataDir": str(cls.folder / "data"), "Orchestration__OpenWhisk": "local", "HOME": str(cls.folder),
            "ORCHESTRATION_END_WHEN_IDLE": "60s", "PYTHONPATH": str(SDK),
            # Actions need the packages that the tests' own Python has.
            "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        }
        environment = mock.patch.dict(os.environ, cls.environment)
        environment.start()
        cls.addClassCleanup(environment.stop)
        for name in ("MONGO_HOST", "STORAGE_ENDPOINT", "WSK_CONFIG_FILE", "Orchestration__Database", "Orchestration__ObjectStore"):
            os.environ.pop(name, None)
        for name, source in (("echo", ECHO), ("flaky", FLAKY), ("files", FILES)):
            path = cls.folder / (name + ".py")
            path.write_text(source)
            cls.call("action", "deploy", path)
        cls.addClassCleanup(cls.stop_service)

    @classmethod
    def call(cls, *arguments):
        done = subprocess.run([os.environ["ORCHESTRATION_COMMAND"], *map(str, arguments)], cwd=cls.folder, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    @classmethod
    def stop_service(cls, how=signal.SIGTERM):
        try:
            pid = json.loads((cls.folder / "data" / "api.json").read_text())["pid"]
            os.kill(pid, how)
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + 60
        # A child of a child: nobody's to wait for.
        while time.monotonic() < deadline and Path("/proc/%d" % pid).exists() and "Z" not in Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()[0]:
            time.sleep(0.05)

    def started(self, name="python"):
        orch = BaseOrchestrator(AUTH)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            orch.start(name)
        self.assertIn(str(orch.orch_id), printed.getvalue())
        self.addCleanup(lambda: package.orchestrator._unfinished.pop(str(orch.orch_id), None))
        return orch

    def make(self, orch, actions, **options):
        return asyncio.run(orch.make_action(actions, **options))

    def stopped(self, orch):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            self.assertIsNone(orch.stop())
        return printed.getvalue()

    def report(self, orch):
        return json.loads(self.call("runs", "show", orch.orch_id, "--json"))

    def flaky(self, orch, name, failures):
        return orch.prepare_action("flaky", {"folder": str(self.folder), "name": name + str(orch.orch_id) if name != "text" else name, "failures": failures})

    def run_program(self, source, **environment):
        path = self.folder / "program.py"
        path.write_text(source)
        return subprocess.run([sys.executable, "-u", str(path)], cwd=self.folder, env={**os.environ, **environment}, capture_output=True, text=True)


class MethodTests(ServiceTests):
    def test_an_action_is_prepared_without_any_service(self):
        self.assertEqual(BaseOrchestrator(AUTH).prepare_action("echo", {"n": 1}), {"name": "echo", "body": {"n": 1}})

    def test_nothing_can_be_made_or_stopped_before_start(self):
        orch = BaseOrchestrator(AUTH)
        with self.assertRaisesRegex(Exception, "^Orchestrator not started$"):
            self.make(orch, [orch.prepare_action("echo", {"n": 1})])
        with self.assertRaisesRegex(Exception, "^Orchestrator not started$"):
            orch.stop()

    def test_results_come_in_the_order_of_the_actions(self):
        orch = self.started()
        results = self.make(orch, [orch.prepare_action("echo", {"n": n}) for n in range(12)], parallelisation=5)
        self.assertEqual([r["result"]["echo"] for r in results], list(range(12)))
        self.assertEqual({frozenset(r) for r in results}, {frozenset(("success", "result", "action_id"))})
        self.assertTrue(all(r["success"] is True and isinstance(r["action_id"], ObjectId) for r in results))
        # What an action gets, as the old package stores the whole of it.
        self.assertEqual(results[0]["result"]["context"], ["action_id", "orch_id"])
        self.assertEqual(self.make(orch, []), [])

    def test_some_fail_while_others_succeed_and_nothing_is_raised(self):
        orch = self.started()
        actions = [orch.prepare_action("echo", {"n": 1}), self.flaky(orch, "never", 99), self.flaky(orch, "text", 99)]
        good, bad, text = self.make(orch, actions, retries=0)
        self.assertTrue(good["success"])
        self.assertEqual((bad["success"], bad["error"]), (False, {"code": "Flaky", "message": "try again", "meta": None}))
        self.assertEqual((text["success"], text["error"]), (False, "just a text"))
        self.assertEqual(set(bad), {"success", "error", "action_id"})

    def test_an_action_gets_so_many_further_attempts_and_only_the_failed_one_runs_again(self):
        orch = self.started()
        results = self.make(orch, [self.flaky(orch, "once", 1), self.flaky(orch, "good", 0), self.flaky(orch, "twice", 2)], retries=1)
        self.assertEqual([r["success"] for r in results], [True, True, False])
        self.assertEqual([len(a["attempts"]) for a in self.report(orch)["actions"]], [2, 1, 2])

    def test_an_action_that_is_not_there_is_a_failure_like_any_other(self):
        orch = self.started()
        (result,) = self.make(orch, [orch.prepare_action("nothing", {})])
        self.assertFalse(result["success"])
        self.assertIn("nothing", result["error"]["message"])

    def test_a_lost_object_is_made_again_by_the_action_that_wrote_it(self):
        orch = self.started()
        self.make(orch, [orch.prepare_action("files", {"reads": [], "writes": "a%s" % orch.orch_id, "text": "hello"})])
        os.remove(self.folder / "data" / "store" / "files" / ("a%s" % orch.orch_id))
        (result,) = self.make(orch, [orch.prepare_action("files", {"reads": ["a%s" % orch.orch_id], "writes": "b%s" % orch.orch_id})], object_ownership=False)
        self.assertTrue(result["success"], result)
        self.assertEqual((self.folder / "data" / "store" / "files" / ("b%s" % orch.orch_id)).read_text(), "hello")
        self.assertEqual(self.report(orch)["totals"]["recoveries"], 1)

    def test_stop_prints_what_actions_and_objects_took(self):
        orch = self.started("metrics")
        self.make(orch, [orch.prepare_action("files", {"reads": [], "writes": "in%s" % orch.orch_id, "text": "hello"})])
        self.make(orch, [orch.prepare_action("files", {"reads": ["in%s" % orch.orch_id], "writes": "out%s" % orch.orch_id})])
        lines = self.stopped(orch).splitlines()
        for line in (
            "Number of actions: 2", "Name - files", "Body - {'reads': [], 'writes': 'in%s', 'text': 'hello'}" % orch.orch_id, "Number of attempts - 1", "Data read: 0", "Data written: 5", "Data read: 5",
            "Total number of objects read: 1", "Total size of objects read: 5", "Total number of objects written: 2", "Total size of objects written: 10", "Object name: files/in%s" % orch.orch_id,
        ):
            self.assertIn(line, lines)
        self.assertTrue(any(line.startswith("Orchestration %s stopped. It ran for: 0:00:" % orch.orch_id) for line in lines))
        self.assertEqual(sum(line.startswith("Lifetime: ") for line in lines), 1)
        self.assertEqual(sum(line.startswith("First put: ") for line in lines), 1)
        self.assertEqual(self.report(orch)["status"], "completed")

    def test_queries_over_history(self):
        orch = self.started("queried")
        (one,) = self.make(orch, [orch.prepare_action("files", {"reads": [], "writes": "q%s" % orch.orch_id, "text": "hello"})])
        (two,) = self.make(orch, [self.flaky(orch, "q", 1)])
        self.stopped(orch)
        other = self.started("queried")

        self.assertEqual(orch.get_all_orchs("queried"), [orch.orch_id, other.orch_id])
        self.assertEqual(orch.get_all_orchs("nobody"), [])
        # As many as there are come page by page.
        with mock.patch.object(history, "_PAGE", 1):
            self.assertEqual(orch.get_all_orchs("queried"), [orch.orch_id, other.orch_id])
        details = orch.get_orch_details(orch.orch_id)
        self.assertEqual((details["_id"], details["name"]), (orch.orch_id, "queried"))
        self.assertLess(abs(datetime.now(timezone.utc).replace(tzinfo=None) - details["finish_ts"]), timedelta(minutes=5))
        self.assertEqual([(m["name"], m["size_written"]) for m in details["object_metrics"]], [("files/q%s" % orch.orch_id, 5)])
        self.assertEqual(set(orch.get_orch_details(str(other.orch_id))), {"_id", "name", "creation_ts"})
        with self.assertRaisesRegex(Exception, "does not exist"):
            orch.get_orch_details(ObjectId())

        self.assertEqual(orch.get_all_actions_for_id("files", orch.orch_id), [one["action_id"]])
        self.assertIn(two["action_id"], orch.get_all_actions_for_id("flaky"))
        nested = orch.get_action_details([one["action_id"], two["action_id"]], [orch.orch_id])
        self.assertEqual(set(nested), {orch.orch_id})
        found = nested[orch.orch_id]
        self.assertEqual({a: d["action_name"] for a, d in found.items()}, {one["action_id"]: "files", two["action_id"]: "flaky"})
        attempts = self.report(orch)["actions"][1]["attempts"]
        self.assertAlmostEqual(found[two["action_id"]]["runtime"], sum(a["duration"] for a in attempts) / 2, places=6)
        (written,) = found[one["action_id"]]["objects"].values()
        self.assertEqual((written["object"], written["size"]), ("files/q%s" % orch.orch_id, 5))
        self.assertAlmostEqual(written["lifetime"], (details["finish_ts"] - written["put_time"]).total_seconds(), places=3)
        self.assertEqual(orch.get_action_details([one["action_id"]]), {one["action_id"]: found[one["action_id"]]})

    def test_calls_that_run_at_the_same_time_have_keys(self):
        orch = self.started()

        async def both():
            return await asyncio.gather(
                orch.make_action([orch.prepare_action("echo", {"n": 1})], key="one"), orch.make_action([orch.prepare_action("echo", {"n": 2})], key="two/2"))

        self.assertEqual([r[0]["result"]["echo"] for r in asyncio.run(both())], [1, 2])
        self.assertEqual(sorted(s["id"] for s in self.report(orch)["steps"]), ["one", "two/2"])

    def test_other_credentials_than_the_services_are_refused(self):
        self.started()
        with self.assertRaises(ServiceError) as refused:
            BaseOrchestrator((AUTH[0], "y" * 64)).start("other")
        self.assertEqual(refused.exception.code, "OTHER_NAMESPACE")


class ProgramTests(ServiceTests):
    PROGRAM = """
import asyncio, os, signal, sys
from BaseOrchestrator import BaseOrchestrator
orch = BaseOrchestrator(%r)

async def main():
    if len(sys.argv) > 1:
        orch.resume(sys.argv[1])
    else:
        orch.start("program")
    first = await orch.make_action([orch.prepare_action("echo", {"n": 1})])
    %%s
    second = await orch.make_action([orch.prepare_action("echo", {"n": first[0]["result"]["echo"] + 1})])
    print("second", second[0]["result"]["echo"])
    orch.stop()

asyncio.run(main())
""" % (AUTH,)

    def id_in(self, done):
        return re.search("Orchestration ([0-9a-f]{24}) ", done.stdout).group(1)

    def status(self, orch_id):
        return json.loads(self.call("runs", "show", orch_id, "--json"))

    def test_an_uncaught_exception_fails_the_run(self):
        done = self.run_program(self.PROGRAM % "raise ValueError('no luck')")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ValueError: no luck", done.stderr)
        report = self.status(self.id_in(done))
        self.assertEqual((report["status"], report["error"]["message"]), ("failed", "The program ended before it called stop() with ValueError: no luck."))

    def test_an_exit_before_stop_fails_the_run(self):
        done = self.run_program(self.PROGRAM % "sys.exit(3)")
        self.assertEqual(done.returncode, 3)
        report = self.status(self.id_in(done))
        self.assertEqual((report["status"], report["error"]["message"]), ("failed", "The program ended before it called stop()."))

    def test_a_killed_program_is_run_again_and_goes_on(self):
        done = self.run_program(self.PROGRAM % "os.kill(os.getpid(), signal.SIGKILL)")
        self.assertEqual(done.returncode, -signal.SIGKILL)
        orch_id = self.id_in(done)
        again = subprocess.run([sys.executable, "-c", self.PROGRAM % "pass", orch_id], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("second 2", again.stdout)
        report = self.status(orch_id)
        self.assertEqual((report["status"], report["totals"]["actions"], report["totals"]["attempts"]), ("completed", 2, 2))

        changed = subprocess.run([sys.executable, "-c", self.PROGRAM.replace('"n": 1', '"n": 7') % "pass", orch_id], cwd=self.folder, capture_output=True, text=True)
        self.assertIn("has ended", changed.stderr)

    def test_a_program_that_changed_is_told_what_differs(self):
        orch_id = self.id_in(self.run_program(self.PROGRAM % "os.kill(os.getpid(), signal.SIGKILL)"))
        changed = self.run_program((self.PROGRAM % "pass").replace("sys.argv[1]", repr(orch_id)).replace("len(sys.argv) > 1", "True").replace('[orch.prepare_action("echo", {"n": 1})]', '[]'))
        self.assertIn("it had 1 actions and has 0", changed.stderr)

    def test_a_service_that_is_killed_meanwhile_is_started_again(self):
        done = self.run_program(self.PROGRAM % "import json; os.kill(json.load(open(os.environ['Orchestration__DataDir'] + '/api.json'))['pid'], signal.SIGKILL)")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("second 2", done.stdout)

    def test_a_service_that_cannot_start_says_why(self):
        done = self.run_program(self.PROGRAM % "pass", Orchestration__DataDir=str(self.folder / "other"), Orchestration__ObjectStore="ftp://nowhere:1")
        self.assertIn("The service did not start", done.stderr)
        self.assertIn("is no object store", done.stderr)
        missing = self.run_program(self.PROGRAM % "pass", Orchestration__DataDir=str(self.folder / "other"), ORCHESTRATION_COMMAND=str(self.folder / "no-such-program"))
        self.assertIn("no-such-program", missing.stderr)


class OldActionsTests(ServiceTests):
    """A program and actions as they were written for the Python system, with its `constants.py`, MongoDB and MinIO; only the addresses are others."""

    ACTION = """
from object_store import store as objects
from constants import MONGO_HOST, MONGO_PORT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, MINIO_ENDPOINT

store = objects.ObjectStore(
    dict(STORAGE_ENDPOINT=MINIO_ENDPOINT, AWS_ACCESS_KEY_ID=AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY=AWS_SECRET_ACCESS_KEY),
    ["parts", "done"], db_config={"MONGO_HOST": MONGO_HOST, "MONGO_PORT": MONGO_PORT})

def main(args):
    context = args["context"]
    try:
        if args["type"] == "split":
            for n in range(args["parts"]):
                open("parts/part_%d" % n, "w").write("part %d " % n)
                store.put_sync(context, "parts", "part_%d" % n)
            return {"parts": ["part_%d" % n for n in range(args["parts"])]}
        if args["type"] == "work":
            store.get_sync(context, "parts", args["input"])
            open("done/" + args["input"], "w").write(open("parts/" + args["input"]).read().upper())
            store.put_sync(context, "done", args["input"])
            return {"output": args["input"]}
        if args["type"] == "join":
            for name in args["input"]:
                store.get_sync(context, "done", name)
            open("done/all", "w").write("".join(open("done/" + name).read() for name in args["input"]))
            store.put_sync(context, "done", "all")
            return {"output": "done/all"}
        return {"error": {"code": 404, "message": "no such type", "meta": None}}
    except objects.NoSuchKeyException as e:
        return {"error": {"code": e.code, "message": str(e), "meta": e.meta}}
"""

    ORCHESTRATOR = """
import asyncio
from object_store import store
from BaseOrchestrator import BaseOrchestrator
from constants import MINIO_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY

orch = BaseOrchestrator(%r)

def get_store():
    config = dict(STORAGE_ENDPOINT=MINIO_ENDPOINT, AWS_ACCESS_KEY_ID=AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY=AWS_SECRET_ACCESS_KEY)
    return store.ObjectStore(config, ["parts", "done"])

async def main():
    store = get_store()
    orch.start("old")
    split = (await orch.make_action([orch.prepare_action("splitter", {"type": "split", "parts": 3})]))[0]
    parts = split["result"]["parts"]
    worked = await orch.make_action([orch.prepare_action("worker", {"type": "work", "input": part}) for part in parts])
    assert all(result["success"] for result in worked), worked
    store.remove_object({}, "done", parts[0])
    store.remove_object({}, "parts", parts[0])
    joined = (await orch.make_action([orch.prepare_action("joiner", {"type": "join", "input": parts})], object_ownership=False))[0]
    assert joined["success"], joined
    print("output", joined["result"]["output"])
    orch.stop()

if __name__ == "__main__":
    asyncio.run(main())
""" % (AUTH,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "mongo").mkdir()
        (cls.folder / "s3").mkdir()
        cls.mongo, cls.s3 = MongoServer(cls.folder / "mongo"), S3Server(cls.folder / "s3")
        cls.addClassCleanup(cls.s3.stop)
        cls.addClassCleanup(cls.mongo.stop)
        # The service is stopped before the servers that it uses.
        cls.addClassCleanup(cls.stop_service)
        constants = "MONGO_HOST, MONGO_PORT = %r, %r\nMINIO_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY = %r, %r, %r\n" % (
            *cls.mongo.db_config.values(), cls.s3.address, "S3RVER", "S3RVER")
        (cls.folder / "action").mkdir()
        (cls.folder / "action" / "__main__.py").write_text(cls.ACTION)
        for place in (cls.folder, cls.folder / "action"):
            (place / "constants.py").write_text(constants)
        for name in ("splitter", "worker", "joiner"):
            cls.call("action", "deploy", cls.folder / "action", "--name", name)

    def test_they_run_as_they_are_and_lost_objects_are_made_again_up_the_chain(self):
        done = self.run_program(self.ORCHESTRATOR)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertIn("output done/all", lines)
        for line in ("Number of actions: 5", "Total number of objects written: 7", "Object name: done/all"):
            self.assertIn(line, lines)
        orch_id = re.search("Orchestration ([0-9a-f]{24}) ", done.stdout).group(1)

        from pymongo import MongoClient

        config = self.mongo.db_config
        with MongoClient(config["MONGO_HOST"], config["MONGO_PORT"]) as client:
            run = client.openwhisk.orchestrations.find_one({"_id": ObjectId(orch_id)})
            self.assertEqual(run["name"], "old")
            self.assertIn("finish_ts", run)
            # Of the splitter and of the worker of the first part there are two attempts: what was lost was made again by those that made it.
            attempts = {(a["action_name"], a["action_params"].get("input", "")): len(a["attempts"]) for a in client.openwhisk.actions.find({"orch_id": ObjectId(orch_id)}) if a["action_name"] != "joiner"}
        self.assertEqual(attempts, {("splitter", ""): 2, ("worker", "part_0"): 2, ("worker", "part_1"): 1, ("worker", "part_2"): 1})


class SettingsTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        environment = mock.patch.dict(os.environ, {"HOME": str(self.folder), "Orchestration__DataDir": str(self.folder / "data")})
        environment.start()
        self.addCleanup(environment.stop)
        for name in list(os.environ):
            if name in ("MONGO_HOST", "MONGO_PORT", "STORAGE_ENDPOINT", "WSK_CONFIG_FILE") or name.startswith(("AWS_", "Orchestration__")) and name != "Orchestration__DataDir":
                del os.environ[name]
        self.addCleanup(sys.modules.pop, "constants", None)

    def constants(self, **members):
        sys.modules["constants"] = type("constants", (), members)

    def test_constants_come_first(self):
        os.environ.update(MONGO_HOST="elsewhere", Orchestration__ObjectStore="http://elsewhere:1", Orchestration__OpenWhisk="https://whisk.test")
        self.constants(MONGO_HOST="10.0.0.1", MONGO_PORT=27018, MINIO_ENDPOINT="10.0.0.1:9000", AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret")
        found = settings.read(AUTH)
        self.assertEqual(found.environment["Orchestration__Database"], "mongodb://10.0.0.1:27018")
        self.assertEqual(found.environment["Orchestration__ObjectStore"], "http://10.0.0.1:9000")
        self.assertEqual(found.store, {"STORAGE_ENDPOINT": "http://10.0.0.1:9000", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"})
        self.assertEqual((found.host, found.auth), ("https://whisk.test", ":".join(AUTH)))
        self.assertNotIn("Orchestration__Insecure", found.environment)

    def test_then_the_environment_then_wskprops_then_the_old_address(self):
        self.assertEqual(settings.read(AUTH).host, "https://localhost:31001")
        # Nobody signs the certificate of a developer's cluster.
        self.assertEqual(settings.read(AUTH).environment["Orchestration__Insecure"], "true")
        (self.folder / ".wskprops").write_text("APIHOST=whisk.test\nAUTH=x:y\n")
        self.assertEqual(settings.read(AUTH).host, "https://whisk.test")
        os.environ["Orchestration__OpenWhisk"] = "local"
        os.environ["MONGO_HOST"] = "mongodb://user@db/"
        found = settings.read(AUTH)
        self.assertEqual((found.host, found.database), ("local", "mongodb://user@db/"))
        self.assertEqual(found.store["STORAGE_ENDPOINT"], "file:%s" % (self.folder / "data" / "store"))

    def test_actions_that_were_deployed_here_are_meant_when_nobody_listens_there(self):
        (self.folder / "data" / "whisk").mkdir(parents=True)
        with mock.patch.object(settings, "DEFAULT_HOST", "https://127.0.0.1:1"):
            found = settings.read(AUTH)
        self.assertEqual(found.host, "local")
        self.assertIn("using the local one", found.notes[0])

    def test_an_auth_that_is_no_pair_and_a_broken_constants_are_told(self):
        for auth in ("uuid:key", ("uuid",), ("uuid", "")):
            with self.assertRaisesRegex(ValueError, "takes the pair"):
                settings.read(auth)
        (self.folder / "constants.py").write_text("import no_such_module\n")
        with mock.patch.object(sys, "path", [str(self.folder)] + sys.path), self.assertRaises(ModuleNotFoundError):
            settings.read(AUTH)


del ServiceTests
