"""What actions told of their objects in MongoDB only, by `db_config`: their replies have no report, so the orchestrator does not know it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from object_store.store import ObjectStore

from .ids import to_id


def complete(report: dict[str, Any], store: ObjectStore) -> dict[str, Any]:
    """The report with the objects of `action_store`, when that has more of them.

    store: an ObjectStore with a db_config.
    """
    orch_id = report["orchId"]
    by_id = {action["actionId"]: action for action in report["actions"]}
    found = store.get_metrics_for_actions(orch_id, list(by_id))
    names = found["objects_read"] | found["objects_written"]
    if len(names) <= len(report["objects"]):
        return report
    for action_id, action in by_id.items():
        metrics = found["metrics"].get(to_id(action_id), {"object_read_sz": 0, "object_write_sz": 0})
        action.update(bytesRead=metrics["object_read_sz"], bytesWritten=metrics["object_write_sz"])
    for action in report["actions"]:
        if by_id[action["actionId"]] is not action:
            # Another run of an action, to make a lost object again: `action_store` has one sum for all its runs.
            action.update(bytesRead=0, bytesWritten=0)
    report["totals"].update(
        objectsRead=len(found["objects_read"]), objectsWritten=len(found["objects_written"]),
        bytesRead=found["total_object_read_sz"], bytesWritten=found["total_object_write_sz"],
    )
    report["objects"] = [_object(usage, report["finishedAt"]) for usage in store.get_metrics_for_objects(orch_id, sorted(names))]
    return report


def _object(usage: dict[str, Any], finished: str | None) -> dict[str, Any]:
    from .history import to_date

    put, get = usage["put_time"], usage["get_time"]
    return {
        "object": usage["object"],
        "putTime": _text(put),
        "getTime": _text(get),
        "putSize": usage["put_size"] if put else None,
        "getSize": usage["get_size"] if get else None,
        "lifetime": usage["lifetime"].total_seconds() if usage["lifetime"] is not None else None,
        "orchestrationLifetime": (to_date(finished) - put).total_seconds() if put and finished else None,
        "writers": [],
        "readers": [],
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() + "Z" if moment else None
