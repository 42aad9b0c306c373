import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
# What needs the standard library alone; the rest is tried with the Python that has boto3 and pymongo.
MODULES = ("tests.test_action", "tests.test_folder_store", "tests.test_settings", "tests.test_sharing")


class VersionTests(unittest.TestCase):
    def test_every_other_python_of_this_machine(self):
        running = {}
        for minor in range(9, 13):
            python = other_python(minor)
            if python and minor != sys.version_info.minor:
                running[python] = subprocess.Popen(
                    [python, "-W", "ignore", "-m", "unittest", *MODULES], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
                )
        for python, process in running.items():
            with self.subTest(python=python):
                output, _ = process.communicate()
                self.assertEqual(process.returncode, 0, output)
                self.assertIn("\nOK", output)


def other_python(minor):
    """The interpreter of Python 3.`minor`: one on the PATH that works, or one of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [shutil.which("python3.%d" % minor), *sorted(root.glob("versions/3.%d.*/bin/python3" % minor))]
    for python in candidates:
        # pyenv's shims are on the PATH for versions that are not switched on, and refuse.
        if python and subprocess.run([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return str(python)
    return None
