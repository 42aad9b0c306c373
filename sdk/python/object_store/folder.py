"""Objects as files: DIR/<bucket>/<key>. The orchestrator's own folder store uses the same layout."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from contextlib import contextmanager
from typing import IO, Iterator

from .errors import FencingTokenStale, NoSuchKeyException, ObjectStoreError

_TEMPORARY = ".tmp"
_FENCING = ".fencing"
_MISSING = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class FolderStore:
    """A store in a folder of this machine, with S3's meaning of its four operations.

    Writers in several processes are safe: an object appears whole, by a rename, or not at all.
    """

    def __init__(self, folder: str) -> None:
        self._root = os.path.abspath(folder)

    def make_bucket(self, bucket: str) -> None:
        """Creates the bucket; already existing is fine."""
        with _store_errors(bucket):
            os.makedirs(self._bucket(bucket), exist_ok=True)

    def put(self, bucket: str, key: str, source: IO[bytes], fencing: int | None = None) -> tuple[int, str]:
        """Stores the binary file `source` and returns (size in bytes, etag).

        With `fencing`, the number of a grant, the number and the object are stored as one step towards everybody who uses one.
        """
        name = bucket + "/" + key
        folder, path = self._bucket(bucket), self._path(bucket, key)
        with _store_errors(name):
            if not os.path.isdir(folder):
                raise ObjectStoreError("NoSuchBucket", "The bucket '%s' does not exist." % bucket, {"key": name})
            temporary = self._write_temporary(source)
            try:
                found = os.stat(temporary)
                with self._fenced(name, fencing):
                    _move(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        return found.st_size, _etag(found)

    def get(self, bucket: str, key: str, target: IO[bytes]) -> tuple[int, str]:
        """Copies the object into the binary file `target` and returns (size in bytes, etag)."""
        name = bucket + "/" + key
        path = self._path(bucket, key)
        with _store_errors(name):
            try:
                source = open(path, "rb")
            except _MISSING:
                raise NoSuchKeyException(name) from None
            with source:
                found = os.fstat(source.fileno())
                shutil.copyfileobj(source, target, 1 << 20)
        return found.st_size, _etag(found)

    def remove(self, bucket: str, key: str) -> None:
        """Removes the object; it is no error when it is not there."""
        name = bucket + "/" + key
        folder, path = self._bucket(bucket), self._path(bucket, key)
        with _store_errors(name):
            if not os.path.isdir(folder):
                raise ObjectStoreError("NoSuchBucket", "The bucket '%s' does not exist." % bucket, {"key": name})
            if os.path.isdir(path):
                return
            try:
                os.unlink(path)
            except _MISSING:
                return
            _remove_empty(os.path.dirname(path), folder)

    def _bucket(self, bucket: str) -> str:
        if not bucket or bucket.startswith(".") or "/" in bucket or "\0" in bucket:
            raise ValueError("'%s' is no bucket name: it must be one folder name that does not begin with a dot." % bucket)
        return os.path.join(self._root, bucket)

    def _path(self, bucket: str, key: str) -> str:
        if any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key:
            raise ValueError(
                "The key '%s' would leave or confuse the folder store: "
                "it must be a relative path without empty, '.' or '..' parts." % key
            )
        return os.path.join(self._bucket(bucket), *key.split("/"))

    @contextmanager
    def _fenced(self, name: str, fencing: int | None) -> Iterator[None]:
        if fencing is None:
            yield
            return
        import fcntl  # Here, as Windows has none and all else works there.

        folder = os.path.join(self._root, _FENCING)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, hashlib.sha256(name.encode()).hexdigest()), "a+b") as stored:
            fcntl.flock(stored, fcntl.LOCK_EX)
            stored.seek(0)
            latest = int(stored.read() or b"0")
            if latest > fencing:
                raise FencingTokenStale(name, fencing, latest)
            if latest < fencing:
                # First the number: a process that dies in between has only kept others from writing with an older one.
                stored.truncate(0)
                stored.write(b"%d" % fencing)
                stored.flush()
                os.fsync(stored.fileno())
            yield

    def _write_temporary(self, source: IO[bytes]) -> str:
        folder = os.path.join(self._root, _TEMPORARY)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, uuid.uuid4().hex)
        with open(path, "xb") as target:
            try:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                # Without it a power cut can leave the renamed file there with no content.
                os.fsync(target.fileno())
            except BaseException:
                os.unlink(path)
                raise
        return path


def _etag(found: os.stat_result) -> str:
    # In steps of 100 ns: what .NET can see of a file's time, and both sides must give one object the same etag.
    return "%x-%x" % (found.st_size, found.st_mtime_ns // 100 * 100)


def _move(temporary: str, path: str) -> None:
    for left in reversed(range(100)):
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.replace(temporary, path)
            return
        except (FileNotFoundError, FileExistsError):
            # Somebody removed the folder's last object in between, and the empty folder with it.
            if not left:
                raise


def _remove_empty(folder: str, bucket: str) -> None:
    while folder != bucket:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


_CODES = {
    errno.EACCES: "AccessDenied",
    errno.EPERM: "AccessDenied",
    errno.EROFS: "AccessDenied",
    errno.ENOSPC: "StorageFull",
    errno.EDQUOT: "StorageFull",
    errno.ENAMETOOLONG: "KeyTooLongError",
}


@contextmanager
def _store_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ObjectStoreError(
            "InvalidRequest",
            "'%s' cannot be stored: a folder store cannot hold an object and others below its name." % name,
            {"key": name},
        ) from error
    except OSError as error:
        code = _CODES.get(error.errno or 0, type(error).__name__)
        raise ObjectStoreError(code, "'%s': %s." % (name, error.strerror or error), {"key": name}) from error
