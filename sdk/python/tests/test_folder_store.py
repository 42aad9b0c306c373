import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

from object_store import store

from .contract import CONTEXT, StoreContract
from .support import WorkingDirectory


class FolderStoreTests(StoreContract, WorkingDirectory):
    def setUp(self):
        super().setUp()
        self.config = {"STORAGE_ENDPOINT": self.root.as_uri()}

    def test_the_layout_is_bucket_and_key_below_the_folder(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/deep/a", b"x")
        report = self.invoke(lambda: objects.put_sync(CONTEXT, "texts", "deep/a"))

        stored = self.root / "texts" / "deep" / "a"
        self.assertEqual(stored.read_bytes(), b"x")
        self.assertEqual(os.listdir(self.root / ".tmp"), [])
        self.assertEqual(report["writes"][0]["etag"], "1-%x" % (stored.stat().st_mtime_ns // 100 * 100))

    def test_keys_that_leave_or_confuse_the_folder_are_refused(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for key in ("/etc/passwd", "a//b", "./a", "a/"):
            with self.assertRaisesRegex(ValueError, "folder store"):
                objects.remove_object({}, "texts", key)
        for bucket in (".tmp", "a/b", "."):
            with self.assertRaisesRegex(ValueError, "no bucket name"):
                objects.remove_object({}, bucket, "a")

    def test_an_object_below_another_is_an_error_that_says_so(self):
        objects = store.ObjectStore(self.config, ["texts"])
        self.write("texts/a/b", b"x")
        objects.put_sync(CONTEXT, "texts", "a/b")
        Path("texts/a/b").unlink()
        Path("texts/a").rmdir()
        self.write("texts/a", b"x")
        with self.assertRaisesRegex(store.ObjectStoreError, "below its name") as raised:
            objects.put_sync(CONTEXT, "texts", "a")
        self.assertEqual(raised.exception.code, "InvalidRequest")
        self.assertEqual(os.listdir(self.root / ".tmp"), [])

        objects.remove_object(CONTEXT, "texts", "a")
        objects.remove_object(CONTEXT, "texts", "a/b")
        objects.put_sync(CONTEXT, "texts", "a")

    def test_a_name_too_long_for_the_disk_says_so(self):
        objects = store.ObjectStore(self.config, ["texts"])
        with self.assertRaises(store.ObjectStoreError) as raised:
            objects.remove_object({}, "texts", "n" * 300)
        self.assertEqual(raised.exception.code, "KeyTooLongError")

    def test_writers_and_removers_of_one_folder_at_once(self):
        objects = store.ObjectStore(self.config, ["texts"])
        for name in range(4):
            self.write("texts/shared/%d" % name, b"x" * 1000)

        def write_and_remove(name):
            for _ in range(100):
                objects.put_sync({}, "texts", "shared/%d" % name)
                objects.remove_object({}, "texts", "shared/%d" % name)

        fork = multiprocessing.get_context("fork")
        children = [fork.Process(target=write_and_remove, args=(name,)) for name in range(4)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        self.assertEqual([child.exitcode for child in children], [0, 0, 0, 0])
        self.assertEqual(os.listdir(self.root / "texts"), [])

    def test_memory_stays_small_with_a_large_object(self):
        Path("films").mkdir()
        with open("films/sparse", "wb") as target:
            target.truncate(200 << 20)
        script = (
            "import resource; from object_store import store; "
            "s = store.ObjectStore({'STORAGE_ENDPOINT': %r}, ['films']); "
            "s.put_sync({}, 'films', 'sparse'); s.get_sync({}, 'films', 'sparse'); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)" % self.config["STORAGE_ENDPOINT"]
        )
        package = str(Path(store.__file__).parents[1])
        done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": package}, capture_output=True, text=True, check=True)
        self.assertLess(int(done.stdout), 100 << 10, "KiB at most")

    def test_a_folder_needs_no_boto3(self):
        script = (
            "import sys; from object_store import store; "
            "store.ObjectStore({'STORAGE_ENDPOINT': %r}, ['films']); "
            "print(any(name.startswith('boto') for name in sys.modules))" % self.config["STORAGE_ENDPOINT"]
        )
        package = str(Path(store.__file__).parents[1])
        done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": package}, capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.strip(), "False")
