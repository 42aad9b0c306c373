"""The object store as an action sees it: local files named `bucket/file_name`, moved to and from the store."""

from __future__ import annotations

import contextlib
import os
import tempfile
from types import TracebackType
from typing import Any, Iterable, Mapping

from . import action_store, endpoints, settings, tracking
from .actions import action
from .errors import FencingTokenStale, NoSuchKeyException, ObjectStoreError
from .queries import Queries

__all__ = ["FencingTokenStale", "NoSuchKeyException", "ObjectStore", "ObjectStoreError", "action"]


class ObjectStore(Queries):
    """Puts, gets and removes objects; inside an `@action` it also notes which.

    config: `STORAGE_ENDPOINT` (`http(s)://host:port`, `host:port` or `file:DIR`), `AWS_ACCESS_KEY_ID` and
        `AWS_SECRET_ACCESS_KEY`. A member that is absent comes from the environment variable of its name.
        Without an endpoint, or with an empty one, put, get and remove do nothing.
    buckets: names of the buckets to create; already existing is fine. Local folders of these names are
        created as well, in the working directory.
    db_config: `{MONGO_HOST, MONGO_PORT}`, the MongoDB whose collection `openwhisk.action_store` also gets what is read, written and
        missed, and is asked by the queries; needs pymongo. `MONGO_HOST` may be a connection string. Without a db_config the MongoDB
        that this process named last is used, if any; `{}` records nowhere.

    `context` in all methods is the action's `args["context"]`; it may be empty.
    All methods raise ObjectStoreError with the S3 error code when the store refuses or is not reached. They may be called from
    several threads at once, and in child processes, to which an ObjectStore may be sent. It is a context manager: after `close()`
    its calls raise ValueError; connections belong to the process, for its next invocation.
    """

    def __init__(self, config: Mapping[str, Any] | None, buckets: Iterable[str] | None = (), db_config: Mapping[str, Any] | None = None) -> None:
        self.buckets = list(buckets or ())
        self.db_config = db_config
        self._closed = False
        self._actions = action_store.connect(db_config)
        self._backend = endpoints.connect(settings.complete(config))
        for bucket in self.buckets:
            os.makedirs(bucket, exist_ok=True)
            if self._backend:
                self._backend.make_bucket(bucket)
        self._note_use()

    def __enter__(self) -> ObjectStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of this ObjectStore; doing it twice is fine."""
        self._closed = True

    def put_sync(self, context: Mapping[str, Any] | None, bucket: str, file_name: str) -> None:
        """Uploads the local file `bucket/file_name` to that bucket and key.

        Of an object that the action shares with other writers, its grant's number is stored with the object. Raises
        FencingTokenStale when a later one is there.
        """
        self._check(bucket, file_name)
        if not self._backend:
            return
        with open(_local(bucket, file_name), "rb") as source:
            size, etag = self._backend.put(bucket, file_name, source, tracking.fencing_number(context, bucket, file_name))
        self._note_use()
        self._note("writes", context, bucket, file_name, size, etag)

    def get_sync(self, context: Mapping[str, Any] | None, bucket: str, file_name: str) -> None:
        """Downloads the object to the local path `bucket/file_name`.

        Raises NoSuchKeyException when the object, or its bucket, is not there. A local file of that name is
        replaced only by a whole download.
        """
        self._check(bucket, file_name)
        if not self._backend:
            return
        self._note_use()
        path = _local(bucket, file_name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".get-")
        try:
            with os.fdopen(handle, "wb") as target:
                size, etag = self._backend.get(bucket, file_name, target)
            got = os.path.getsize(temporary)
            if got != size:
                name = bucket + "/" + file_name
                raise ObjectStoreError("IncompleteBody", "'%s' has %d bytes, and %d of them came." % (name, size, got), {"key": name})
            os.replace(temporary, path)
        except NoSuchKeyException:
            os.unlink(temporary)
            # That the object is gone says more than that MongoDB could not be told.
            with contextlib.suppress(ObjectStoreError):
                self._note("missing", context, bucket, file_name)
            raise
        except BaseException:
            os.unlink(temporary)
            raise
        self._note("reads", context, bucket, file_name, size, etag)

    def remove_object(self, context: Mapping[str, Any] | None, bucket: str, file_name: str) -> None:
        """Removes the object from the store, not the local file; it is no error when it is not there."""
        self._check(bucket, file_name)
        if self._backend:
            self._backend.remove(bucket, file_name)

    def _put_report(self, bucket: str, key: str, content: bytes) -> None:
        # A report that is too large for a reply; it is not noted as a write of the action.
        if not self._backend:
            raise ObjectStoreError("NoStore", "The report '%s/%s' has no store to go to: set STORAGE_ENDPOINT." % (bucket, key))
        with tempfile.TemporaryFile() as source:
            source.write(content)
            source.seek(0)
            self._backend.put(bucket, key, source)

    def _note_use(self) -> None:
        if self._backend:
            tracking.store_in_use = self

    def _note(self, kind: str, context: Mapping[str, Any] | None, bucket: str, key: str, size: int | None = None, etag: str | None = None) -> None:
        moment = tracking.now()
        tracking.record(kind, context, bucket, key, size, etag, moment)
        if self._actions:
            self._actions.record(kind, context, bucket + "/" + key, moment, size)

    def _check(self, bucket: str, file_name: str) -> None:
        name = "%s/%s" % (bucket, file_name)
        if self._closed:
            raise ValueError("The ObjectStore is closed; '%s' needs one that is not." % name)
        if not bucket or not file_name or "\0" in name or ".." in name.split("/"):
            raise ValueError("'%s' is no object name: bucket and key must not be empty or contain '..' parts." % name)


def _local(bucket: str, file_name: str) -> str:
    return bucket + "/" + file_name
