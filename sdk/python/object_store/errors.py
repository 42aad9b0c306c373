"""What the object store raises; the `action` decorator turns it into an error reply."""

from __future__ import annotations

from typing import Any, Mapping


class ObjectStoreError(Exception):
    """An error of the store itself.

    code: the S3 error code (`AccessDenied`, `NoSuchBucket`, ...), or the name of the error's type
        where the store was not reached and so gave none.
    meta: `{"key": "<bucket>/<object>"}` when the error is about one object, else None.
    """

    def __init__(self, code: str, message: str, meta: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, message, meta)
        self.code = code
        self.message = message
        self.meta = meta

    def __str__(self) -> str:
        return self.message


class FencingTokenStale(ObjectStoreError):
    """Another writer of the object came after this one: its grant is over. `code` is "FencingTokenStale"."""

    def __init__(self, name: str, number: int, latest: int) -> None:
        super().__init__(
            "FencingTokenStale",
            "'%s' was written under the grant %d, this action's is %d: its time to write is over." % (name, latest, number),
            {"key": name},
        )
        self.args = (name, number, latest)


class NoSuchKeyException(ObjectStoreError):
    """The object to read is not there. `code` is "NoSuchKey", `meta` is {"key": "<bucket>/<object>"}.

    The orchestrator makes the object again by re-running its producers when it sees these two.
    """

    def __init__(self, name: str) -> None:
        super().__init__("NoSuchKey", "The object '%s' does not exist." % name, {"key": name})
        # An exception is rebuilt from `args` when it crosses processes (multiprocessing).
        self.args = (name,)
