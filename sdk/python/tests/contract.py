"""What both stores must do, as a mixin: a subclass sets `self.config` in setUp."""

import hashlib
import os
from pathlib import Path

from object_store import store

CONTEXT = {"action_id": "a" * 24, "orch_id": "b" * 24}


class StoreContract:
    def invoke(self, work, fencing=()):
        """Runs `work()` as an action of an orchestrator and returns the report of objects."""

        @store.action
        def main(_):
            work()
            return {}

        reply = main({"context": CONTEXT, "__orchestration": {"attempt": 1, "fencing": list(fencing)}})
        self.assertNotIn("error", reply)
        return reply["__orchestration"]

    def test_what_was_put_is_got_again_by_another_store(self):
        writer = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a.txt", b"hello")
        writer.put_sync(CONTEXT, "texts", "a.txt")
        os.remove("texts/a.txt")

        store.ObjectStore(self.config, ["texts"]).get_sync(CONTEXT, "texts", "a.txt")

        self.assertEqual(Path("texts/a.txt").read_bytes(), b"hello")

    def test_a_later_put_replaces_the_object(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for content in (b"the first and longer one", b"second"):
            self.write("texts/a", content)
            objects.put_sync(CONTEXT, "texts", "a")
        objects.get_sync(CONTEXT, "texts", "a")
        self.assertEqual(Path("texts/a").read_bytes(), b"second")

    def test_keys_with_slashes_and_odd_characters(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for key in ("deep/er/file.txt", "with space & ünïcode+%41.txt", ".hidden/x"):
            self.write("texts/" + key, key.encode())
            objects.put_sync({}, "texts", key)
            os.remove("texts/" + key)
            objects.get_sync({}, "texts", key)
            self.assertEqual(Path("texts", key).read_bytes(), key.encode())

    def test_a_writer_whose_grant_is_over_is_refused(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for size in (3, 20 << 20):
            with self.subTest(size=size):
                key = "log%d" % size

                def put(content):
                    self.write("texts/" + key, content * size)
                    objects.put_sync(CONTEXT, "texts", key)

                def refused():
                    with self.assertRaises(store.FencingTokenStale) as raised:
                        put(b"x")
                    self.assertEqual(raised.exception.code, "FencingTokenStale")
                    self.assertEqual(raised.exception.meta, {"key": "texts/" + key})
                    self.assertIn("the grant 7, this action's is 6", str(raised.exception))

                grant = {"object": "texts/" + key}
                self.invoke(lambda: put(b"a"), [dict(grant, number=5)])
                self.invoke(lambda: put(b"b"), [dict(grant, number=7)])
                self.invoke(lambda: put(b"c"), [dict(grant, number=7)])
                self.invoke(refused, [dict(grant, number=6), {"object": "texts/other", "number": 9}])
                os.remove("texts/" + key)
                objects.get_sync(CONTEXT, "texts", key)
                self.assertEqual(Path("texts", key).read_bytes(), b"c" * size)

    def test_numbers_are_those_of_the_invocation_and_reach_its_children(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a", b"x")

        def in_a_child():
            child = os.fork()
            if not child:
                try:
                    objects.put_sync(CONTEXT, "texts", "a")
                    os._exit(0)
                except store.FencingTokenStale:
                    os._exit(3)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 3)

        self.invoke(lambda: objects.put_sync(CONTEXT, "texts", "a"), [{"object": "texts/a", "number": 2}])
        self.invoke(in_a_child, [{"object": "texts/a", "number": 1}])
        # Without a grant nothing is compared: such writers are not in line.
        self.invoke(lambda: objects.put_sync(CONTEXT, "texts", "a"))

    def test_an_empty_object(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/empty", b"")

        def work():
            objects.put_sync(CONTEXT, "texts", "empty")
            objects.get_sync(CONTEXT, "texts", "empty")

        report = self.invoke(work)
        self.assertEqual([report["writes"][0]["size"], report["reads"][0]["size"]], [0, 0])

    def test_a_large_object_comes_back_the_same(self):
        objects = store.ObjectStore(self.config, ["films"])
        block = os.urandom(1 << 20)
        self.write("films/large", block * 40)
        before = hashlib.sha256(Path("films/large").read_bytes()).digest()

        def work():
            objects.put_sync(CONTEXT, "films", "large")
            os.remove("films/large")
            objects.get_sync(CONTEXT, "films", "large")

        report = self.invoke(work)
        self.assertEqual(hashlib.sha256(Path("films/large").read_bytes()).digest(), before)
        self.assertEqual([report["writes"][0]["size"], report["reads"][0]["size"]], [40 << 20, 40 << 20])
        self.assertEqual(report["writes"][0]["etag"], report["reads"][0]["etag"])

    def test_a_missing_object(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/none", b"kept")
        with self.assertRaises(store.NoSuchKeyException) as raised:
            objects.get_sync(CONTEXT, "texts", "none")
        self.assertEqual(raised.exception.code, "NoSuchKey")
        self.assertEqual(raised.exception.meta, {"key": "texts/none"})
        self.assertEqual(os.listdir("texts"), ["none"])
        self.assertEqual(Path("texts/none").read_bytes(), b"kept")

    def test_a_missing_bucket_on_read_is_a_missing_object(self):
        objects = store.ObjectStore(self.config, [])
        with self.assertRaises(store.NoSuchKeyException) as raised:
            objects.get_sync(CONTEXT, "nowhere", "a/b")
        self.assertEqual(raised.exception.meta, {"key": "nowhere/a/b"})

    def test_a_missing_bucket_on_write_keeps_its_code(self):
        objects = store.ObjectStore(self.config, [])
        self.write("nowhere/a", b"x")
        with self.assertRaises(store.ObjectStoreError) as raised:
            objects.put_sync(CONTEXT, "nowhere", "a")
        self.assertEqual(raised.exception.code, "NoSuchBucket")
        self.assertEqual(raised.exception.meta, {"key": "nowhere/a"})

    def test_remove(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/deep/a", b"x")
        objects.put_sync(CONTEXT, "texts", "deep/a")
        objects.remove_object({}, "texts", "deep/a")
        objects.remove_object({}, "texts", "deep/a")
        with self.assertRaises(store.NoSuchKeyException):
            objects.get_sync(CONTEXT, "texts", "deep/a")

    def test_an_existing_bucket_is_fine(self):
        store.ObjectStore(self.config, ["texts"])
        self.write("texts/a", b"x")
        store.ObjectStore(self.config, ["texts", "other"]).put_sync(CONTEXT, "texts", "a")
        store.ObjectStore(self.config, ["texts"]).get_sync(CONTEXT, "texts", "a")

    def test_names_that_leave_the_local_folder_are_refused(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for bucket, key in (("texts", "../a"), ("texts", "a/../../b"), ("..", "a"), ("texts", "")):
            for call in (objects.put_sync, objects.get_sync, objects.remove_object):
                with self.assertRaisesRegex(ValueError, "no object name"):
                    call(CONTEXT, bucket, key)

    def test_the_report_of_an_action(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a", b"12345")

        def work():
            objects.put_sync(CONTEXT, "texts", "a")
            objects.get_sync(CONTEXT, "texts", "a")
            with self.assertRaises(store.NoSuchKeyException):
                objects.get_sync(CONTEXT, "texts", "b")
            objects.remove_object(CONTEXT, "texts", "a")

        report = self.invoke(work)
        self.assertEqual({name: report[name] for name in ("v", "actionId", "attempt")}, {"v": 1, "actionId": "a" * 24, "attempt": 1})
        for kind in ("reads", "writes"):
            (entry,) = report[kind]
            self.assertEqual((entry["object"], entry["size"]), ("texts/a", 5))
            self.assertRegex(entry["etag"], r"\A[0-9a-f-]+\Z")
            self.assertRegex(entry["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
        (missed,) = report["missing"]
        self.assertEqual((missed["object"], set(missed)), ("texts/b", {"object", "time"}))
