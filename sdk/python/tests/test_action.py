import contextlib
import functools
import io
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from pathlib import Path

import object_store
from object_store import store, tracking

from .contract import CONTEXT
from .support import WorkingDirectory

ATTEMPT = {"attempt": 3, "fencing": []}


class ActionTests(WorkingDirectory):
    def setUp(self):
        super().setUp()
        self.config = {"STORAGE_ENDPOINT": self.root.as_uri()}
        self.objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a", b"12345")

    def call(self, main, **args):
        """The reply of an attempt of the decorated `main`; what it prints is in `self.printed`."""
        printed = io.StringIO()
        with contextlib.redirect_stderr(printed):
            reply = store.action(main)(dict({"context": CONTEXT, "__orchestration": ATTEMPT}, **args))
        self.printed = printed.getvalue()
        json.dumps(reply)
        return reply

    def names(self, reply, kind):
        self.assertNotIn("error", reply)
        return sorted(entry["object"] for entry in reply["__orchestration"][kind])

    def put(self, name="a"):
        self.objects.put_sync(CONTEXT, "texts", name)

    def test_the_action_sees_its_parameters_and_context_only(self):
        seen = []
        given = {"x": 1, "context": CONTEXT, "__orchestration": ATTEMPT}
        store.action(lambda args: seen.append(args) or {})(given)
        self.assertEqual(seen, [{"x": 1, "context": CONTEXT}])
        self.assertIn("__orchestration", given)

    def test_a_reply_has_the_report_beside_the_result(self):
        def main(args):
            """What it does."""
            self.put()
            return {"y": args["x"]}

        reply = self.call(main, x=2)
        self.assertEqual(reply["y"], 2)
        self.assertEqual(self.names(reply, "writes"), ["texts/a"])
        self.assertEqual(reply["__orchestration"]["attempt"], 3)
        self.assertEqual((store.action(main).__name__, store.action(main).__doc__), ("main", "What it does."))
        self.assertIs(object_store.action, store.action)

    def test_no_orchestrator_no_report(self):
        self.assertEqual(store.action(lambda args: {"y": 1})({}), {"y": 1})
        self.assertEqual(store.action(lambda args: {"y": 1})({"context": CONTEXT}), {"y": 1})

    def test_a_missing_object_is_the_error_of_the_contract_with_the_report_inside(self):
        reply = self.call(lambda args: self.objects.get_sync(args["context"], "texts", "none"))
        self.assertEqual(set(reply), {"error"})
        error = reply["error"]
        report = error.pop("__orchestration")
        self.assertEqual(error, {"code": "NoSuchKey", "message": "The object 'texts/none' does not exist.", "meta": {"key": "texts/none"}})
        self.assertEqual([entry["object"] for entry in report["missing"]], ["texts/none"])
        self.assertIn("Traceback", self.printed)

    def test_an_exception_is_an_error_with_the_name_of_its_type(self):
        def main(_):
            raise LookupError("not found")

        error = self.call(main)["error"]
        self.assertEqual((error["code"], error["message"], error["meta"]), ("LookupError", "not found", None))
        self.assertIn("LookupError: not found", self.printed)

    def test_errors_that_the_action_returns_are_passed_on(self):
        error = self.call(lambda _: {"error": {"code": 404, "message": "m", "meta": None}, "other": 1})["error"]
        self.assertEqual(error.pop("__orchestration")["writes"], [])
        self.assertEqual(error, {"code": 404, "message": "m", "meta": None})

        self.assertEqual(self.call(lambda _: {"error": "plain"}), {"error": "plain"})

        error = self.call(lambda _: self.put() or {"error": "plain"})["error"]
        self.assertEqual(len(error.pop("__orchestration")["writes"]), 1)
        self.assertEqual(error, {"code": None, "message": "plain", "meta": None})

        error = self.call(lambda _: self.put() or {"error": 7})["error"]
        self.assertEqual(error["message"], "7")

    def test_a_result_that_is_no_object_is_an_error(self):
        for result, name in ((None, "NoneType"), ([1], "list"), ("text", "str")):
            error = self.call(lambda _: result)["error"]
            self.assertEqual((error["code"], error["message"]), ("TypeError", "The action returned %s; it must return a dict." % name))

    def test_each_invocation_begins_anew(self):
        self.assertEqual(self.names(self.call(lambda _: self.put() or {}), "writes"), ["texts/a"])
        self.assertEqual(self.names(self.call(lambda _: {}), "writes"), [])
        self.put()
        self.assertEqual(self.names(self.call(lambda _: {}), "writes"), [])
        self.assertNotIn(tracking.LOG_VARIABLE, os.environ)

    def test_the_log_may_be_cleaned_away_between_invocations(self):
        self.call(lambda _: self.put() or {})
        os.unlink(tracking._own_log[1])
        self.assertEqual(self.names(self.call(lambda _: self.put() or {}), "writes"), ["texts/a"])

    def test_an_action_that_calls_another(self):
        def main(args):
            self.put()
            inner = store.action(lambda _: self.objects.get_sync({}, "texts", "a") or {})(dict(args, __orchestration=ATTEMPT))
            self.assertEqual((self.names(inner, "reads"), self.names(inner, "writes")), (["texts/a"], []))
            self.put()
            return {}

        reply = self.call(main)
        self.assertEqual((self.names(reply, "reads"), self.names(reply, "writes")), (["texts/a"], ["texts/a", "texts/a"]))

    def test_forked_children_and_their_children_are_heard(self):
        for name in "bcdefg":
            self.write("texts/" + name, b"x" * 10)

        def grandchild():
            fork = multiprocessing.get_context("fork")
            child = fork.Process(target=self.put, args=("d",))
            child.start()
            child.join()
            self.put("c")

        def main(_):
            pid = os.fork()
            if not pid:
                self.put("b")
                os._exit(0)
            os.waitpid(pid, 0)
            fork = multiprocessing.get_context("fork")
            child = fork.Process(target=grandchild)
            child.start()
            child.join()
            with fork.Pool(3) as pool:
                pool.map(functools.partial(self.objects.put_sync, CONTEXT, "texts"), "efg")
                with self.assertRaises(store.NoSuchKeyException):
                    pool.apply(self.objects.get_sync, (CONTEXT, "texts", "none"))
            self.put()
            return {}

        reply = self.call(main)
        self.assertEqual(self.names(reply, "writes"), ["texts/" + name for name in "abcdefg"])
        self.assertEqual(self.names(reply, "missing"), ["texts/none"])

    def test_many_writers_of_the_log_at_once(self):
        def child():
            for _ in range(200):
                tracking.record("reads", CONTEXT, "texts", "n" * 500, 1, "e")

        def main(_):
            fork = multiprocessing.get_context("fork")
            children = [fork.Process(target=child) for _ in range(4)]
            for process in children:
                process.start()
            for process in children:
                process.join()
            return {}

        reply = self.call(main)
        self.assertEqual(reply["__orchestration"]["report"], "texts/.orchestration/%s-3.json" % CONTEXT["action_id"])
        stored = json.loads((self.root / reply["__orchestration"]["report"]).read_bytes())
        self.assertEqual(self.names({"__orchestration": stored}, "reads"), ["texts/" + "n" * 500] * 800)

    def test_children_of_every_start_method_are_heard_in_each_invocation(self):
        # In a process of its own: the fork server lives as long as the process that started it.
        Path("started.py").write_text(
            "import json, multiprocessing, sys\n"
            "from object_store import store\n"
            "CONFIG = {'STORAGE_ENDPOINT': %r}\n"
            "def child(context, name):\n"
            "    store.ObjectStore(CONFIG, []).put_sync(context, 'texts', name)\n"
            "@store.action\n"
            "def main(args):\n"
            "    for method in ('fork', 'spawn', 'forkserver'):\n"
            "        process = multiprocessing.get_context(method).Process(target=child, args=(args['context'], 'a'))\n"
            "        process.start()\n"
            "        process.join()\n"
            "    return {}\n"
            "if __name__ == '__main__':\n"
            "    for number in '12':\n"
            "        reply = main({'context': {'action_id': number * 24}, '__orchestration': {'attempt': 1}})\n"
            "        print([entry['object'] for entry in reply['__orchestration']['writes']])\n" % self.config["STORAGE_ENDPOINT"]
        )
        package = str(Path(store.__file__).parents[1])
        done = subprocess.run([sys.executable, "started.py"], env=dict(os.environ, PYTHONPATH=package), capture_output=True, text=True)
        self.assertEqual((done.stderr, done.stdout.splitlines()), ("", ["['texts/a', 'texts/a', 'texts/a']"] * 2))

    def test_a_child_left_over_from_an_earlier_invocation_is_not_heard(self):
        def main(_):
            tracking.record("writes", {"action_id": "f" * 24}, "texts", "late", 1, "e")
            tracking.record("writes", {}, "texts", "now", 1, "e")
            return {}

        self.assertEqual(self.names(self.call(main), "writes"), ["texts/now"])

    def test_a_large_report_is_stored_for_an_error_too(self):
        def main(_):
            for number in range(4000):
                tracking.record("reads", CONTEXT, "texts", "%0100d" % number, 1, "e")
            return {"error": {"code": "x", "message": "m", "meta": None}}

        reply = self.call(main)
        key = reply["error"]["__orchestration"]["report"]
        stored = json.loads((self.root / key).read_bytes())
        self.assertEqual((stored["attempt"], len(stored["reads"])), (3, 4000))
        self.assertLess(len(json.dumps(reply)), 1000)

    def test_a_large_report_that_cannot_be_stored_fails_the_attempt(self):
        def main(_):
            for number in range(4000):
                tracking.record("reads", CONTEXT, "gone", "%0100d" % number, 1, "e")
            return {"fine": True}

        tracking.store_in_use = store.ObjectStore(self.config, [])
        self.assertEqual(self.call(main)["error"]["code"], "NoSuchBucket")
        tracking.store_in_use = None
        self.assertEqual(self.call(main)["error"]["code"], "NoStore")

        failing = self.call(lambda args: main(args) and {"error": "mine"})
        self.assertEqual(failing, {"error": "mine"})

    def test_the_largest_report_that_stays_in_the_reply(self):
        def main(_):
            for number in range(1500):
                tracking.record("reads", CONTEXT, "texts", "%0100d" % number, 1, "e")
            return {}

        self.assertEqual(len(self.call(main)["__orchestration"]["reads"]), 1500)

    def test_errors_survive_pickling(self):
        for error in (store.NoSuchKeyException("a/b"), store.ObjectStoreError("AccessDenied", "no", {"key": "a/b"})):
            copy = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(copy), copy.code, str(copy), copy.meta), (type(error), error.code, str(error), error.meta))
