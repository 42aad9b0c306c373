"""What several test files need: a working directory of its own, and an S3 server."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SERVICES = Path(__file__).resolve().parents[3] / "tests" / "services"
S3RVER = SERVICES / "s3rver"


class WorkingDirectory(unittest.TestCase):
    """Each test runs in an empty folder `self.work`, with no store named by the environment; `self.root` is free for a store."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work, self.root = Path(folder.name, "work"), Path(folder.name, "store")
        self.work.mkdir()
        before = os.getcwd()
        os.chdir(self.work)
        self.addCleanup(os.chdir, before)

        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        for name in ("STORAGE_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MONGO_HOST", "MONGO_PORT"):
            os.environ.pop(name, None)

    def write(self, path, content):
        """Writes a local file, making its folder."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content)


class S3Server:
    """An s3rver process on a free port of loopback."""

    def __init__(self, folder):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise AssertionError("The S3 tests need boto3: apt-get install python3-boto3 (or pip install boto3).") from None
        if not (S3RVER / "node_modules" / "s3rver").is_dir():
            raise AssertionError("The S3 tests need s3rver: npm ci --prefix tests/services/s3rver (Node.js from apt-get install nodejs npm).")
        self._process = subprocess.Popen(
            ["node", str(S3RVER / "start.js"), "0", str(folder)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        line = self._process.stdout.readline()
        if not line.startswith("listening "):
            self.stop()
            raise AssertionError("s3rver did not start: it said %r." % line)
        self.address = "127.0.0.1:" + line.split()[1]
        self.config = {"STORAGE_ENDPOINT": self.address, "AWS_ACCESS_KEY_ID": "S3RVER", "AWS_SECRET_ACCESS_KEY": "S3RVER"}

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class MongoServer:
    """The MongoDB of the tests as `db_config`: a server that ORCHESTRATION_TEST_MONGODB names, or the stand-in on a free port of loopback."""

    def __init__(self, folder):
        self._process = None
        real = os.environ.get("ORCHESTRATION_TEST_MONGODB")
        if real:
            self.db_config = {"MONGO_HOST": real, "MONGO_PORT": 27017}
            return
        self._process = subprocess.Popen(
            [_python_of_stand_in(), str(SERVICES / "mongodb" / "start.py"), "0", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )
        line = self._process.stdout.readline()
        if not line.startswith("listening "):
            self.stop()
            raise AssertionError("The tests' MongoDB did not start: it said %r." % line)
        self.db_config = {"MONGO_HOST": "127.0.0.1", "MONGO_PORT": int(line.split()[1])}

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process.stdout.close()


def _python_of_stand_in():
    for python in ("/usr/bin/python3", sys.executable):
        if subprocess.run([python, "-c", "import mongomock, bson, pymongo"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    raise AssertionError("The tests' MongoDB needs a Python with mongomock and pymongo: apt-get install python3-mongomock python3-pymongo.")
