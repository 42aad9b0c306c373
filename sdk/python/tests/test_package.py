import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import venv
from pathlib import Path

import object_store

FOLDER = Path(object_store.__file__).parents[1]
PUT_AND_GET = """
import os
from object_store import store
objects = store.ObjectStore({"STORAGE_ENDPOINT": "file:store"}, ["texts"])
open("texts/a", "w").write("hello")
objects.put_sync({}, "texts", "a")
os.remove("texts/a")
objects.get_sync({}, "texts", "a")
print(open("texts/a").read(), store.__file__)
"""


class PackageTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_here(self, *command):
        # Without the tests' own path: what is tried is what was installed.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run([str(part) for part in command], cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_pip_installs_the_folder_its_sdist_and_a_reference_to_it_without_a_network(self):
        venv.create(self.folder / "venv", with_pip=True)
        python = self.folder / "venv" / "bin" / "python"
        install = (python, "-m", "pip", "install", "--quiet", "--no-index", "--force-reinstall")
        self.run_here(sys.executable, "-c", "import sys; sys.path.insert(0, %r); import build_backend; build_backend.build_sdist('.')" % str(FOLDER))
        with tarfile.open(self.folder / "object_store-1.0.0.tar.gz") as archive:
            self.assertIn("object_store-1.0.0/object_store/py.typed", archive.getnames())

        for source in (FOLDER, self.folder / "object_store-1.0.0.tar.gz"):
            self.run_here(*install, source)
            text, _, where = self.run_here(python, "-c", PUT_AND_GET).strip().partition(" ")
            self.assertEqual(text, "hello")
            self.assertIn(str(self.folder / "venv"), where)
            self.assertTrue(Path(where).with_name("py.typed").is_file())
        self.run_here(*install, "--editable", FOLDER)
        self.assertIn(str(FOLDER), self.run_here(python, "-c", PUT_AND_GET))
        self.assertFalse(Path(where).exists())

    def test_without_pymongo_a_db_config_says_what_to_do(self):
        done = subprocess.run(
            [sys.executable, "-c", "import sys; sys.modules['pymongo'] = None; from object_store import store; store.ObjectStore({}, [], {'MONGO_HOST': 'mongo'})"],
            cwd=self.folder, env=dict(os.environ, PYTHONPATH=str(FOLDER)), capture_output=True, text=True,
        )
        self.assertIn("ImportError: A db_config with a MONGO_HOST needs pymongo: install it", done.stderr)
        self.assertIn("or leave db_config out", done.stderr)

    def test_the_types_hold(self):
        if not shutil.which("mypy"):
            raise AssertionError("This test needs mypy: apt-get install mypy (or pip install mypy).")
        done = subprocess.run(["mypy", "--cache-dir", str(self.folder)], cwd=FOLDER, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
