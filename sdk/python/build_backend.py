"""Builds the wheel and the sdist with the standard library alone (PEP 517), so that pip needs no network to install this folder."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

NAME, VERSION = "object_store", "1.0.0"
PACKAGES = ("object_store", "BaseOrchestrator")
METADATA = """\
Metadata-Version: 2.1
Name: %s
Version: %s
Summary: For OpenWhisk actions, their object store; for orchestrators of actions, BaseOrchestrator
License: MIT
Requires-Python: >=3.8
Provides-Extra: s3
Requires-Dist: boto3>=1.20; extra == 's3'
Provides-Extra: mongo
Requires-Dist: pymongo>=3.11; extra == 'mongo'
Description-Content-Type: text/markdown

%s"""
WHEEL = "Wheel-Version: 1.0\nGenerator: %s\nRoot-Is-Purelib: true\nTag: py3-none-any\n" % NAME

_ROOT = Path(__file__).resolve().parent
# Archives of one content are equal, whenever they are made; a zip has no earlier date.
_DATE = (1980, 1, 1, 0, 0, 0)


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Writes the wheel into a folder and returns its file name."""
    files = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in _sources()}
    launcher = _ROOT.parents[1] / "orchestration"
    if launcher.is_file():
        # The service is run by the program of the source tree that this is installed from.
        files["BaseOrchestrator/launcher.txt"] = (str(launcher) + "\n").encode()
    return _wheel(wheel_directory, files)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Writes a wheel that refers to this folder (PEP 660) and returns its file name."""
    return _wheel(wheel_directory, {NAME + ".pth": (str(_ROOT) + "\n").encode()})


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Writes the source archive into a folder and returns its file name."""
    top = "%s-%s" % (NAME, VERSION)
    files = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in _sources()}
    for name in ("README.md", "pyproject.toml", "build_backend.py"):
        files[name] = (_ROOT / name).read_bytes()
    files["PKG-INFO"] = _metadata()
    with tarfile.open(Path(sdist_directory, top + ".tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo("%s/%s" % (top, name))
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return top + ".tar.gz"


def _wheel(folder: str, files: dict[str, bytes]) -> str:
    top = "%s-%s" % (NAME, VERSION)
    information = top + ".dist-info"
    files = dict(files, **{information + "/METADATA": _metadata(), information + "/WHEEL": WHEEL.encode()})
    record = "".join("%s,sha256=%s,%d\n" % (name, _digest(content), len(content)) for name, content in files.items())
    files[information + "/RECORD"] = (record + "%s/RECORD,,\n" % information).encode()
    wheel = top + "-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return wheel


def _sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (_ROOT / package).rglob("*") if path.suffix == ".py" or path.name == "py.typed")


def _metadata() -> bytes:
    return (METADATA % (NAME, VERSION, (_ROOT / "README.md").read_text(encoding="utf-8"))).encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
