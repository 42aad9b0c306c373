"""What `stop` prints: section by section what the Python system printed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .history import to_date


def text_of(report: dict[str, Any]) -> str:
    """The metrics of a report as text."""
    totals = report["totals"]
    lines = [
        "",
        "Orchestration %s stopped. It ran for: %s" % (report["orchId"], timedelta(seconds=report["timeTaken"])),
        "",
        "** Metrics **",
        "=============",
        "",
        "** Action Metrics **",
        "--------------------",
        "Number of actions: %d" % totals["actions"],
    ]
    for number, action in enumerate(_merged(report["actions"]), 1):
        attempts = action["attempts"]
        lines += ["", "Action %d:" % number, "Name - %s" % action["name"], "Body - %s" % (action["body"],), "Number of attempts - %d" % len(attempts)]
        if len(attempts) == 1:
            lines.append("Time taken - %s" % attempts[0]["duration"])
        else:
            lines += ["Attempt %d - Time taken: %s" % (i, attempt["duration"]) for i, attempt in enumerate(attempts, 1)]
        lines += ["Data read: %d" % action["bytesRead"], "Data written: %d" % action["bytesWritten"]]
    lines += [
        "",
        "** Object Metrics **",
        "--------------------",
        "Total number of objects read: %d" % totals["objectsRead"],
        "Total size of objects read: %d" % totals["bytesRead"],
        "Total number of objects written: %d" % totals["objectsWritten"],
        "Total size of objects written: %d" % totals["bytesWritten"],
    ]
    for found in sorted(report["objects"], key=lambda o: str(o["putTime"] or o["getTime"])):
        lines += ["", "Object name: %s" % found["object"]]
        if found["lifetime"] is not None:
            lines.append("Lifetime: %s" % timedelta(seconds=found["lifetime"]))
        elif found["getTime"]:
            lines.append("Last get: %s" % to_date(found["getTime"]))
        else:
            lines.append("First put: %s" % to_date(found["putTime"]))
        if found["putTime"]:
            lines.append("Object orchestration lifetime: %s" % timedelta(seconds=found["orchestrationLifetime"]))
    return "\n".join(lines)


def _merged(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # A re-run that makes a lost object again is another attempt of the action that made it first.
    merged: dict[str, dict[str, Any]] = {}
    for action in actions:
        known = merged.get(action["actionId"])
        if known is None:
            merged[action["actionId"]] = dict(action)
        else:
            known["attempts"] = known["attempts"] + action["attempts"]
            known["bytesRead"] += action["bytesRead"]
            known["bytesWritten"] += action["bytesWritten"]
    return list(merged.values())
