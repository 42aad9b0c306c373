"""What orchestrators and tools ask of the collection `action_store`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Iterable, Iterator

from .errors import ObjectStoreError

if TYPE_CHECKING:
    from bson import ObjectId

    from .action_store import ActionStore


class Queries:
    """Queries over what actions read and wrote, as recorded in MongoDB.

    Ids are taken as `bson.ObjectId` or as text of 24 hexadecimal digits, and returned as ObjectId; dates are naive UTC; sizes
    are bytes; an object is `<bucket>/<key>`. All raise ObjectStoreError, with the code "NoDatabase" when no MongoDB is named.
    """

    _actions: ActionStore | None

    def get_action_ids_for_objects(self, keys: Iterable[str]) -> list[ObjectId | None]:
        """For each object the action that wrote it last, in whichever orchestration; None where nobody did."""
        wanted = list(keys)
        latest: dict[str, tuple[datetime, ObjectId]] = {}
        for document in self._find({"objects_put.object": {"$in": wanted}}):
            for put in document["objects_put"]:
                known = latest.get(put["object"])
                if known is None or put["time"] >= known[0]:
                    latest[put["object"]] = (put["time"], document["_id"])
        return [latest[key][1] if key in latest else None for key in wanted]

    def get_all_action_ids_for_objects(self, keys: Iterable[str]) -> list[list[ObjectId]]:
        """For each object all actions that wrote it, each once, by the time of their first put."""
        wanted = list(keys)
        first: dict[str, dict[ObjectId, datetime]] = {key: {} for key in wanted}
        for document in self._find({"objects_put.object": {"$in": wanted}}):
            for put in document["objects_put"]:
                writers = first.get(put["object"])
                if writers is not None:
                    writers[document["_id"]] = min(put["time"], writers.get(document["_id"], put["time"]))
        return [[action for action, _ in sorted(first[key].items(), key=lambda writer: (writer[1], writer[0]))] for key in wanted]

    def get_objects_involved(self, orch_id: ObjectId | str) -> dict[str, set[str]]:
        """`{"objects_read", "objects_written"}`: the names of the objects of one orchestration."""
        orch = _id(orch_id)
        found: dict[str, set[str]] = {"objects_read": set(), "objects_written": set()}
        for document in self._find({"$or": [{"objects_get.orch_id": orch}, {"objects_put.orch_id": orch}]}):
            found["objects_read"].update(get["object"] for get in _of(document, "objects_get", orch))
            found["objects_written"].update(put["object"] for put in _of(document, "objects_put", orch))
        return found

    def get_metrics_for_actions(self, orch_id: ObjectId | str | None = None, action_ids: Iterable[ObjectId | str] = ()) -> dict[str, Any]:
        """What actions read and wrote, in one orchestration or (orch_id None) in all.

        `{"objects_read": names, "objects_written": names, "total_object_read_sz", "total_object_write_sz",
        "metrics": {action_id: {"action_id", "object_read_sz", "object_write_sz"}}}`; actions of which nothing is recorded are not there.
        """
        orch = _id(orch_id)
        read: set[str] = set()
        written: set[str] = set()
        metrics = {}
        for document in self._find({"_id": {"$in": [_id(action_id) for action_id in action_ids]}}):
            gets, puts = list(_of(document, "objects_get", orch)), list(_of(document, "objects_put", orch))
            read.update(get["object"] for get in gets)
            written.update(put["object"] for put in puts)
            metrics[document["_id"]] = {
                "action_id": document["_id"],
                "object_read_sz": sum(get.get("size", 0) for get in gets),
                "object_write_sz": sum(put.get("size", 0) for put in puts),
            }
        return {
            "objects_read": read,
            "objects_written": written,
            "metrics": metrics,
            "total_object_read_sz": sum(metric["object_read_sz"] for metric in metrics.values()),
            "total_object_write_sz": sum(metric["object_write_sz"] for metric in metrics.values()),
        }

    def get_metrics_for_objects(self, orch_id: ObjectId | str | None = None, objects: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Of each object that was read or written in one orchestration or (orch_id None) in all, in the order given.

        `{"object", "put_time": first put, "get_time": last get, "lifetime": timedelta between them, "put_size": size of the last put,
        "get_size": size of the last get}`. Without a put or a get, its time is None and its size 0; without both, the object is not there.
        """
        orch, wanted = _id(orch_id), list(objects)
        puts: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
        gets: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
        for document in self._find({"$or": [{"objects_put.object": {"$in": wanted}}, {"objects_get.object": {"$in": wanted}}]}):
            for member, usages in (("objects_put", puts), ("objects_get", gets)):
                for usage in _of(document, member, orch):
                    if usage["object"] in usages:
                        usages[usage["object"]].append(usage)
        return [_usage(name, puts[name], gets[name]) for name in wanted if puts[name] or gets[name]]

    def get_putmetrics_for_action_across_orchs(
        self, orch_ids: Iterable[ObjectId | str] = (), action_ids: Iterable[ObjectId | str] = ()
    ) -> dict[ObjectId, dict[ObjectId, dict[str, dict[str, Any]]]]:
        """`{orch_id: {action_id: {name: {"object", "size", "put_time"}}}}` of what actions wrote, by their last put; no orch_ids are all."""
        orchs = {_id(orch_id) for orch_id in orch_ids}
        metrics: dict[ObjectId, dict[ObjectId, dict[str, dict[str, Any]]]] = {}
        for document in self._find({"_id": {"$in": [_id(action_id) for action_id in action_ids]}}):
            for put in sorted(document.get("objects_put", []), key=_time):
                if not orchs or put["orch_id"] in orchs:
                    of_action = metrics.setdefault(put["orch_id"], {}).setdefault(document["_id"], {})
                    of_action[put["object"]] = {"object": put["object"], "size": put.get("size", 0), "put_time": put["time"]}
        return metrics

    def get_details_object_write(self, orch_id: ObjectId | str, object: str) -> dict[str, Any] | None:
        """The document of the action that wrote an object last in an orchestration; None when none did."""
        orch = _id(orch_id)
        latest, last = None, None
        for document in self._find({"objects_put": {"$elemMatch": {"object": object, "orch_id": orch}}}):
            time = max(_time(put) for put in _of(document, "objects_put", orch) if put["object"] == object)
            if last is None or time >= last:
                latest, last = document, time
        return latest

    def get_action_details(self, action_id: ObjectId | str) -> dict[str, Any] | None:
        """The document of an action; None when nothing is recorded of it."""
        return next(self._find({"_id": _id(action_id)}), None)

    def _find(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if self._actions is None:
            raise ObjectStoreError(
                "NoDatabase", "This asks the MongoDB that actions record objects in: give ObjectStore a db_config {MONGO_HOST, MONGO_PORT}."
            )
        with self._actions.errors("'action_store' could not be read"):
            yield from self._actions.collection.find(query)


def _id(value: ObjectId | str | None) -> ObjectId | None:
    from bson import ObjectId

    return None if value is None else ObjectId(value)


def _of(document: dict[str, Any], member: str, orch: ObjectId | None) -> Iterator[dict[str, Any]]:
    return (entry for entry in document.get(member, []) if orch is None or entry["orch_id"] == orch)


def _time(entry: dict[str, Any]) -> datetime:
    time: datetime = entry["time"]
    return time


def _usage(name: str, puts: list[dict[str, Any]], gets: list[dict[str, Any]]) -> dict[str, Any]:
    put_time = min(map(_time, puts), default=None)
    last_put = max(puts, key=_time, default=None)
    last_get = max(gets, key=_time, default=None)
    get_time = last_get["time"] if last_get else None
    return {
        "object": name,
        "put_time": put_time,
        "get_time": get_time,
        "lifetime": get_time - put_time if put_time and get_time else None,
        "put_size": last_put.get("size", 0) if last_put else 0,
        "get_size": last_get.get("size", 0) if last_get else 0,
    }
