import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

from object_store import store

from .contract import CONTEXT
from .support import WorkingDirectory


class SharingTests(WorkingDirectory):
    def setUp(self):
        super().setUp()
        self.config = {"STORAGE_ENDPOINT": self.root.as_uri()}

    def test_threads_share_an_object_store(self):
        objects = store.ObjectStore(self.config, ["texts"])
        barrier = threading.Barrier(8)

        def work(number):
            name = "deep/%d" % number
            # Whole before anybody shares it: unlike the store, a test writes a file bit by bit.
            self.write("texts/" + name, name.encode() * 1000)
            barrier.wait()
            for _ in range(20):
                objects.put_sync(CONTEXT, "texts", name)
                objects.get_sync(CONTEXT, "texts", name)
                # All of them replace one local file.
                objects.put_sync(CONTEXT, "texts", "deep/0")
                objects.get_sync(CONTEXT, "texts", "deep/0")
            return Path("texts", name).read_bytes() == name.encode() * 1000

        @store.action
        def main(_):
            with ThreadPoolExecutor(8) as pool:
                return {"same": list(pool.map(work, range(8)))}

        reply = main({"context": CONTEXT, "__orchestration": {"attempt": 1}})
        self.assertEqual(reply["same"], [True] * 8)
        self.assertEqual([len(reply["__orchestration"][kind]) for kind in ("reads", "writes", "missing")], [320, 320, 0])

    def test_it_is_a_context_manager(self):
        self.write("texts/a", b"1")
        with store.ObjectStore(self.config, ["texts"]) as objects:
            objects.put_sync(CONTEXT, "texts", "a")
        for call in (objects.put_sync, objects.get_sync, objects.remove_object):
            with self.assertRaisesRegex(ValueError, "closed; 'texts/a' needs one that is not"):
                call(CONTEXT, "texts", "a")
        with self.assertRaisesRegex(ValueError, "closed"):
            with store.ObjectStore({}, [], {}) as objects:
                objects.close()
                objects.get_sync(CONTEXT, "texts", "a")
        store.ObjectStore(self.config, []).get_sync(CONTEXT, "texts", "a")

    def test_a_download_that_has_another_size_is_none(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a", b"12345")
        objects.put_sync(CONTEXT, "texts", "a")
        self.write("texts/a", b"kept")
        with mock.patch.object(objects._backend, "get", side_effect=lambda bucket, key, target: target.write(b"123") and (5, "e")):
            with self.assertRaisesRegex(store.ObjectStoreError, "'texts/a' has 5 bytes, and 3 of them came") as raised:
                objects.get_sync(CONTEXT, "texts", "a")
        self.assertEqual(raised.exception.code, "IncompleteBody")
        self.assertEqual(Path("texts/a").read_bytes(), b"kept")
