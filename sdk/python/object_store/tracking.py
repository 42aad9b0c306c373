"""What an invocation read, wrote and missed, gathered from its process and from the children it forks.

Every process appends one line per operation to a log file in the temporary folder whose path is in an environment
variable: children inherit it however they are started. The path is one for the life of the action's process, because
Python's fork server keeps the environment of the first invocation.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import tempfile
from datetime import datetime, timezone
from types import TracebackType
from typing import TYPE_CHECKING, Any, Iterable, Mapping

if TYPE_CHECKING:
    from .store import ObjectStore

LOG_VARIABLE = "ORCHESTRATION_OBJECT_LOG"
_FENCING = ".fencing"
KINDS = ("reads", "writes", "missing")

#: The ObjectStore that was made or used last in this process, if it has an endpoint.
store_in_use: ObjectStore | None = None

_own_log: tuple[int, str] | None = None


def record(
    kind: str, context: Mapping[str, Any] | None, bucket: str, key: str, size: int | None = None, etag: str | None = None, moment: datetime | None = None
) -> None:
    """Notes one operation, when an invocation is under way; `kind` is one of KINDS, `moment` (with a zone) when it was, now by default."""
    path = os.environ.get(LOG_VARIABLE)
    if not path:
        return
    entry: dict[str, Any] = {"object": bucket + "/" + key}
    if size is not None:
        entry.update(size=size, etag=etag)
    entry["time"] = (moment or now()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps([kind, (context or {}).get("action_id"), entry]).encode() + b"\n"
    try:
        log = os.open(path, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return  # A child that outlives the process whose invocation it belonged to.
    try:
        # One write, so that lines of several processes don't mix.
        if os.write(log, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
    finally:
        os.close(log)


def fencing_number(context: Mapping[str, Any] | None, bucket: str, key: str) -> int | None:
    """The number of this invocation's grant to write an object, or None when it has none."""
    path = os.environ.get(LOG_VARIABLE)
    if not path:
        return None
    try:
        with open(path + _FENCING, encoding="utf-8") as stored:
            action_id, numbers = json.load(stored)
    except FileNotFoundError:
        return None
    asks = (context or {}).get("action_id")
    # Another id is of a child left over from an earlier invocation of this warm process: these are not its numbers.
    number: int | None = numbers.get(bucket + "/" + key)
    return number if not asks or asks == action_id else None


def now() -> datetime:
    """The time in UTC, in the milliseconds that reports and MongoDB have."""
    moment = datetime.now(timezone.utc)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Invocation:
    """A `with` block around one call of an action's main.

    Nested blocks are fine: the outer one also has what the inner one gathered.
    fencing: the grants of the invocation as an orchestrator sends them, `[{"object", "number"}]`; None for those of the outer block.
    """

    def __init__(self, action_id: str | None, fencing: Iterable[Mapping[str, Any]] | None = None) -> None:
        self._action_id = action_id
        self._fencing = fencing

    def __enter__(self) -> Invocation:
        self._path = _log_of_this_process()
        self._outer = os.environ.get(LOG_VARIABLE)
        if self._outer != self._path:
            os.truncate(self._path, 0)
        self._start = os.path.getsize(self._path)
        os.environ[LOG_VARIABLE] = self._path
        if self._outer != self._path or self._fencing is not None:
            _store_fencing(self._path, self._action_id, self._fencing or [])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._outer is None:
            os.environ.pop(LOG_VARIABLE, None)
        else:
            os.environ[LOG_VARIABLE] = self._outer

    def gathered(self) -> dict[str, list[dict[str, Any]]]:
        """`{"reads": [...], "writes": [...], "missing": [...]}` so far, each in the order of time."""
        found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
        with open(self._path, "rb") as log:
            log.seek(self._start)
            for line in log:
                kind, action_id, entry = json.loads(line)
                # Another id is of a child left over from an earlier invocation of this warm process.
                if not action_id or not self._action_id or action_id == self._action_id:
                    found[kind].append(entry)
        return found


def _store_fencing(path: str, action_id: str | None, fencing: Iterable[Mapping[str, Any]]) -> None:
    # Beside the log, because that is how children find it; renamed, because they may read at any time.
    numbers = {entry["object"]: entry["number"] for entry in fencing}
    with open(path + _FENCING + ".new", "w", encoding="utf-8") as target:
        json.dump([action_id, numbers], target)
    os.replace(path + _FENCING + ".new", path + _FENCING)


def _log_of_this_process() -> str:
    global _own_log
    # Long-lived processes see their temporary files cleaned away by the system.
    if _own_log is None or _own_log[0] != os.getpid() or not os.path.exists(_own_log[1]):
        handle, path = tempfile.mkstemp(prefix="orchestration-objects-")
        os.close(handle)
        _own_log = (os.getpid(), path)
        atexit.register(_remove_log, *_own_log)
    return _own_log[1]


def _remove_log(pid: int, path: str) -> None:
    if pid == os.getpid():
        for name in (path, path + _FENCING):
            try:
                os.unlink(name)
            except FileNotFoundError:
                pass
