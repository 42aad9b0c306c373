"""The MongoDB collection `action_store`: what actions read and wrote, recorded from inside them."""

from __future__ import annotations

import contextlib
import functools
import os
from datetime import datetime, timezone
from typing import Any, Iterator, Mapping

from .errors import ObjectStoreError

_ARRAYS = {"reads": "objects_get", "writes": "objects_put", "missing": "error_get"}
_FIND_SERVER_MS = 10000

#: The one that was opened last in this process: ObjectStores without a db_config record there, too.
_of_process: ActionStore | None = None


def connect(db_config: Mapping[str, Any] | None) -> ActionStore | None:
    """The collection of `db_config`'s MongoDB; the process's own when there is no db_config; None when that names no host.

    Nothing is sent before something is recorded or asked. Raises ImportError when there is no pymongo.
    """
    global _of_process
    if db_config is None:
        return _of_process
    host = db_config.get("MONGO_HOST")
    if not host:
        return None
    port = db_config.get("MONGO_PORT") or 27017
    try:
        _of_process = ActionStore(str(host), int(port))
    except ValueError:
        raise ValueError("MONGO_PORT '%s' is no port: it must be a number, such as 27017." % port) from None
    return _of_process


class ActionStore:
    """Holds no connection itself, so that it may be sent to other processes: each has one for all its ActionStores."""

    def __init__(self, host: str, port: int) -> None:
        try:
            import pymongo  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "A db_config with a MONGO_HOST needs pymongo: install it (pip install pymongo, or apt-get install python3-pymongo), "
                "or leave db_config out; an orchestrator is told of objects in the reply of an @action."
            ) from error
        self._host, self._port = host, port

    @property
    def collection(self) -> Any:
        """pymongo's collection; use it inside `errors()`."""
        return _client(os.getpid(), self._host, self._port)["openwhisk"]["action_store"]

    def record(self, kind: str, context: Mapping[str, Any] | None, name: str, moment: datetime, size: int | None = None) -> None:
        """Adds one operation to the document of the action; `kind` is one of tracking.KINDS.

        A context without the ids of an action and an orchestration belongs to nobody: nothing is recorded.
        """
        from bson import ObjectId

        ids = dict(context or {})
        action_id, orch_id = ids.get("action_id"), ids.get("orch_id")
        if not ObjectId.is_valid(action_id) or not ObjectId.is_valid(orch_id):
            return
        entry: dict[str, Any] = {"orch_id": ObjectId(orch_id), "object": name}
        if size is not None:
            entry["size"] = size
        entry["time"] = moment.astimezone(timezone.utc)
        with self.errors("'%s' could not be recorded" % name):
            self.collection.update_one({"_id": ObjectId(action_id)}, {"$set": ids, "$push": {_ARRAYS[kind]: entry}}, upsert=True)

    @contextlib.contextmanager
    def errors(self, what: str) -> Iterator[None]:
        """Turns pymongo's errors into an ObjectStoreError that says what could not be done."""
        from pymongo.errors import PyMongoError

        try:
            yield
        except PyMongoError as error:
            # Behind the @ of a connection string there is no password.
            server = self._host.rpartition("@")[2]
            server = server if "://" in self._host else "%s:%d" % (server, self._port)
            raise ObjectStoreError(type(error).__name__, "%s in the MongoDB at %s: %s" % (what, server, error)) from error


@functools.lru_cache(maxsize=8)
def _client(_pid: int, host: str, port: int) -> Any:
    # By process: pymongo's connections must not be used on both sides of a fork.
    import pymongo

    return pymongo.MongoClient(host, port, serverSelectionTimeoutMS=_FIND_SERVER_MS)
