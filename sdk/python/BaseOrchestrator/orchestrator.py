"""The class that a Python orchestrator uses."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import os
import sys
import time
from typing import Any, Iterable, Mapping, Sequence
from urllib.parse import quote

from object_store import action_store
from object_store.store import ObjectStore

from . import history, metrics, recorded, settings
from .ids import new_id, to_id
from .service import Service, ServiceError

_WAIT = "30s"
_RECONNECTS = 10
_RECONNECT_PAUSE = 1.0
_CALLS_AT_ONCE = 64


class BaseOrchestrator:
    """Runs batches of actions durably: what succeeded is stored, what fails is retried, and lost objects are made again.

    auth: OpenWhisk's credentials, `(uuid, key)`, as `wsk property get --auth` prints them with a colon.

    The service that does the work is the one of the data directory (`.orchestration` in the working folder, or `Orchestration__DataDir`); it is started by
    `start` or `resume` when none runs. Where OpenWhisk, the object store and the database are is told by the importable module `constants` (MONGO_HOST,
    MONGO_PORT, MINIO_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), then by the environment, then by `.wskprops`; the default is https://localhost:31001.

    All calls raise ServiceError when the service refuses.
    """

    def __init__(self, auth: Sequence[str]) -> None:
        self.auth = auth
        self.orch_id: Any = None
        self._settings = settings.read(auth)
        self._service = Service(self._settings)
        self._history = history.History(self._service)
        self._store: ObjectStore | None = None
        # Stores that the program makes without a db_config of their own record there, as before.
        with contextlib.suppress(ImportError):
            action_store.connect(self._db_config)
        self._calls = 0
        self._executor = concurrent.futures.ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="orchestration")

    @property
    def store(self) -> ObjectStore:
        """The object store, and the queries over what actions recorded in MongoDB when there is one."""
        if self._store is None:
            self._store = self.object_store()
        return self._store

    def object_store(self, *buckets: str) -> ObjectStore:
        """The object store that the actions use, with these buckets made."""
        return ObjectStore(self._settings.store, buckets, self._db_config)

    def start(self, name: str | None = None) -> None:
        """Starts an orchestration and prints its id, which is `orch_id` from then on.

        name: shared by all runs of one pipeline; the name of the program's folder when it is left out.
        """
        name = name or os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0]))) or "orchestration"
        text = new_id()
        # An id of our own, so that a start whose answer was lost can be sent again.
        self._persist("POST", "/v1/orchestrations", {"name": name, "orchId": text, "apiHost": self._service.host, "authSha256": self._service.auth_hash})
        self._begin(text)
        print("Orchestration %s started" % text)

    def resume(self, orch_id: Any) -> None:
        """Goes on with an orchestration that an earlier process left before `stop`: run the same program with this in place of `start`.

        Batches that were made return their results at once; one that differs from what was made in its place raises ServiceError with the code "BATCH_CHANGED".
        """
        text = str(orch_id)
        self._persist("POST", "/v1/orchestrations/%s/resume" % quote(text), {})
        self._begin(text)
        print("Orchestration %s goes on" % text)

    def prepare_action(self, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Describes an action to run, `{"name", "body"}`; does nothing else."""
        return {"name": name, "body": params}

    async def make_action(
        self, actions: Iterable[Mapping[str, Any]], retries: int = 3, parallelisation: int = 2, object_ownership: bool = True, key: str | None = None
    ) -> list[dict[str, Any]]:
        """Runs actions and returns their results in the order of the actions.

        actions: what `prepare_action` made.
        retries: how many further attempts an action gets that fails.
        parallelisation: at most so many of them run at once.
        object_ownership: whether each object has one writer. With False, an object that several actions wrote one after another is made again by all of
            them, in that order.
        key: names the batch; by default it is numbered by the order of the calls. Calls that run at the same time and may change places need keys.

        Each result is `{"success": True, "result", "action_id"}` or `{"success": False, "error", "action_id"}`; `error` is what the action returned. Some
        may succeed while others fail: that raises nothing. Raises Exception("Orchestrator not started") before `start`.
        """
        if self.orch_id is None:
            raise Exception("Orchestrator not started")
        if key is None:
            key = str(self._calls)
            self._calls += 1
        body = {
            "key": key,
            "actions": [{"name": action["name"], "params": action["body"]} for action in actions],
            "retries": retries,
            "parallelism": parallelisation,
            "writers": "single" if object_ownership else "shared",
        }
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._make, str(self.orch_id), body)

    def stop(self) -> None:
        """Completes the orchestration and prints what its actions and objects took."""
        if self.orch_id is None:
            raise Exception("Orchestrator not started")
        text = str(self.orch_id)
        self._persist("POST", "/v1/orchestrations/%s/complete" % text, {})
        _unfinished.pop(text, None)
        report = self._history.report(text)
        if self._db_config:
            report = recorded.complete(report, self.store)
        print(metrics.text_of(report))

    def get_orch_details(self, orch_id: Any) -> dict[str, Any]:
        """The orchestration's document: `_id`, `name`, `creation_ts`, and once it has ended `finish_ts`, `time_taken`, `action_time_taken`, `object_metrics` and, when it
        read an object that it did not write, `input_size`. Times are naive UTC, durations seconds, sizes bytes. Raises Exception when there is none."""
        return self._history.orchestration(str(orch_id))

    def get_all_orchs(self, orch_name: str) -> list[Any]:
        """The ids of all orchestrations of a name, the oldest first."""
        return self._history.orchestrations(orch_name)

    def get_all_actions_for_id(self, action_name: str, orch_id: Any = None) -> list[Any]:
        """The ids of all actions of a name, of one orchestration or of all."""
        return self._history.actions(action_name, None if orch_id is None else str(orch_id))

    def get_action_details(self, action_ids: Iterable[Any], orch_ids: Iterable[Any] = ()) -> dict[Any, Any]:
        """`{action_id: {"runtime", "action_name", "objects"?: {name: {"object", "size", "put_time", "lifetime"}}}}`, nested under the orchestration's id when `orch_ids`
        are given. The runtime is the mean over that orchestration's attempts in seconds; the lifetime is from the put to the orchestration's end."""
        return self._history.action_details([str(a) for a in action_ids], [str(o) for o in orch_ids])

    @property
    def _db_config(self) -> dict[str, Any]:
        return {"MONGO_HOST": self._settings.database} if self._settings.database else {}

    def _begin(self, text: str) -> None:
        self.orch_id = to_id(text)
        self._calls = 0
        _unfinished[text] = self._service

    def _make(self, orch_id: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        path = "/v1/orchestrations/%s/batches" % orch_id
        self._persist("POST", path, body, orch_id)
        while True:
            batch = self._persist("GET", "%s/%s?wait=%s" % (path, quote(body["key"], safe=""), _WAIT), None, orch_id)
            if batch["status"] == "ended":
                return [_result(result) for result in batch["results"]]
            if batch["status"] != "running":
                raise ServiceError("ENDED", "The orchestration %s has ended as %s before the batch '%s' did." % (orch_id, batch["status"], body["key"]))

    def _persist(self, method: str, path: str, body: Any, orch_id: str | None = None) -> Any:
        # Every request may be sent again: starts and batches have ids of their own. A new service takes the orchestration up first.
        for left in reversed(range(_RECONNECTS)):
            try:
                try:
                    return self._service.request(method, path, body)
                except ServiceError as error:
                    if error.code != "INTERRUPTED" or orch_id is None:
                        raise
                    self._service.request("POST", "/v1/orchestrations/%s/resume" % orch_id, {})
                    return self._service.request(method, path, body)
            except ConnectionError:
                if not left:
                    raise
                time.sleep(_RECONNECT_PAUSE)
        raise AssertionError("unreachable")


def _result(result: dict[str, Any]) -> dict[str, Any]:
    name = "result" if result["success"] else "error"
    return {"success": result["success"], name: result[name], "action_id": to_id(result["actionId"])}


# Orchestrations of this process that were started and not stopped.
_unfinished: dict[str, Service] = {}
_uncaught: list[str] = []


def _note_uncaught(kind: Any, error: BaseException, trace: Any, following: Any = sys.excepthook) -> None:
    _uncaught.append("%s: %s" % (kind.__name__, error))
    following(kind, error, trace)


def _fail_unfinished() -> None:
    reason = "The program ended before it called stop()" + (" with %s" % _uncaught[-1] if _uncaught else "") + "."
    for orch_id, service in list(_unfinished.items()):
        try:
            service.request("POST", "/v1/orchestrations/%s/fail" % orch_id, {"code": "PROGRAM", "message": reason})
        except (ServiceError, OSError) as error:
            print("BaseOrchestrator: the orchestration %s could not be ended: %s" % (orch_id, error), file=sys.stderr)
        else:
            print("BaseOrchestrator: the orchestration %s has failed: %s" % (orch_id, reason), file=sys.stderr)


sys.excepthook = _note_uncaught
atexit.register(_fail_unfinished)
