"""The decorator that makes a function an action: it strips what is not for it, and completes its reply."""

from __future__ import annotations

import functools
import json
import sys
import traceback
from typing import Any, Callable, Dict

from . import tracking
from .errors import ObjectStoreError

Main = Callable[[Dict[str, Any]], Dict[str, Any]]

RESERVED = "__orchestration"
VERSION = 1

#: Bytes of JSON above which the report goes to the object store: a good reply must not become too large by it.
LARGEST_INLINE = 256 * 1024


def action(main: Main) -> Main:
    """Decorates an action's `main(args)`, which takes and returns a dict.

    * The reserved member `__orchestration`, which an orchestrator adds to the arguments, is taken out of them.
    * When it was there, the reply carries the report of what the action read, wrote and missed in a member of that name:
      beside the result, or inside `error`, because OpenWhisk drops every other member of an error reply.
    * An exception becomes the error reply `{"error": {"code", "message", "meta"}}`, and its traceback goes to stderr.
      An ObjectStoreError keeps its code and meta; of other exceptions the code is the name of the type.
    """

    @functools.wraps(main)
    def wrapper(args: dict[str, Any]) -> dict[str, Any]:
        request = args.get(RESERVED)
        args = {name: value for name, value in args.items() if name != RESERVED}
        action_id = (args.get("context") or {}).get("action_id")
        fencing = request.get("fencing") if isinstance(request, dict) else None
        with tracking.Invocation(action_id, fencing) as invocation:
            try:
                reply = main(args)
                if not isinstance(reply, dict):
                    raise TypeError("The action returned %s; it must return a dict." % type(reply).__name__)
            except Exception as error:
                traceback.print_exc()
                reply = _error_reply(error)
            if not isinstance(request, dict):
                return reply
            try:
                return _with_report(reply, action_id, request.get("attempt"), invocation.gathered())
            except Exception as error:
                traceback.print_exc()
                # An error of the action's own says more. A result without its report would leave objects
                # that nobody knows the producer of.
                return {"error": reply["error"]} if "error" in reply else _error_reply(error)

    return wrapper


def _error_reply(error: Exception) -> dict[str, Any]:
    code: Any = type(error).__name__
    meta: Any = None
    if isinstance(error, ObjectStoreError):
        code, meta = error.code, error.meta
    return {"error": {"code": code, "message": str(error), "meta": meta}}


def _with_report(reply: dict[str, Any], action_id: str | None, attempt: Any, gathered: dict[str, Any]) -> dict[str, Any]:
    report = dict({"v": VERSION, "actionId": action_id, "attempt": attempt}, **gathered)
    if "error" not in reply:
        return dict(reply, **{RESERVED: _inline_or_stored(report)})

    error = reply["error"]
    if not isinstance(error, dict):
        if not any(gathered.values()):
            return reply
        error = {"code": None, "message": error if isinstance(error, str) else json.dumps(error), "meta": None}
    return {"error": dict(error, **{RESERVED: _inline_or_stored(report)})}


def _inline_or_stored(report: dict[str, Any]) -> dict[str, Any]:
    content = json.dumps(report, separators=(",", ":")).encode()
    if len(content) <= LARGEST_INLINE:
        return report

    store = tracking.store_in_use
    if store is None:
        from .store import ObjectStore

        # Only forked children used a store: this process's own comes from the environment.
        store = ObjectStore(None, ())
    bucket = store.buckets[0] if store.buckets else _first_bucket(report)
    key = ".orchestration/%s-%s.json" % (report["actionId"], report["attempt"])
    store._put_report(bucket, key, content)
    print("The report of objects is %d bytes and was stored as %s/%s." % (len(content), bucket, key), file=sys.stderr)
    return {"v": VERSION, "actionId": report["actionId"], "attempt": report["attempt"], "report": bucket + "/" + key}


def _first_bucket(report: dict[str, Any]) -> str:
    name: str = next(entry["object"] for kind in tracking.KINDS for entry in report[kind])
    return name.partition("/")[0]
