"""What is stored of orchestrations, in the shapes that the Python system gave it."""

from __future__ import annotations

from datetime import datetime, timezone
from statistics import mean
from typing import Any, Iterator
from urllib.parse import quote

from .ids import to_id
from .service import Service, ServiceError

# As many as the service gives at once.
_PAGE = 1000


class History:
    """Reads reports of the service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def report(self, orch_id: str) -> dict[str, Any]:
        """An orchestration's report, as docs/report.md describes it."""
        try:
            report: dict[str, Any] = self._service.request("GET", "/v1/orchestrations/%s/report" % quote(orch_id))
            return report
        except ServiceError as error:
            if error.code == "NOT_FOUND":
                raise Exception("Orchestration with such id does not exist: %s" % orch_id) from error
            raise

    def orchestration(self, orch_id: str) -> dict[str, Any]:
        report = self.report(orch_id)
        document: dict[str, Any] = {"_id": to_id(report["orchId"]), "name": report["name"], "creation_ts": to_date(report["startedAt"])}
        if report["finishedAt"]:
            document.update(
                finish_ts=to_date(report["finishedAt"]),
                time_taken=report["timeTaken"],
                action_time_taken=report["actionTimeTaken"],
                object_metrics=[
                    {"name": found["object"], "lifetime": found["orchestrationLifetime"], "size_written": found["putSize"]} for found in report["objects"] if found["putTime"]
                ],
            )
            if report["inputSize"] is not None:
                document["input_size"] = report["inputSize"]
        return document

    def orchestrations(self, name: str) -> list[Any]:
        return [to_id(run["orchId"]) for run in reversed(self._list(name))]

    def actions(self, name: str, orch_id: str | None) -> list[Any]:
        reports = [self.report(orch_id)] if orch_id else self._reports()
        return list(dict.fromkeys(to_id(action["actionId"]) for report in reports for action in report["actions"] if action["name"] == name))

    def action_details(self, action_ids: list[str], orch_ids: list[str]) -> dict[Any, Any]:
        wanted = set(action_ids)
        details: dict[Any, Any] = {}
        for report in [self.report(orch_id) for orch_id in orch_ids] if orch_ids else self._reports():
            found = {to_id(action["actionId"]): _details(action, report) for action in report["actions"] if action["actionId"] in wanted and action["attempts"]}
            if orch_ids:
                if found:
                    details[to_id(report["orchId"])] = found
            else:
                for action_id, detail in found.items():
                    details.setdefault(action_id, detail)
                if len(details) == len(wanted):
                    break
        return details

    def _list(self, name: str | None = None) -> list[dict[str, Any]]:
        path = "/v1/orchestrations?limit=%d%s" % (_PAGE, "&name=" + quote(name) if name else "")
        page = self._service.request("GET", path)
        runs: list[dict[str, Any]] = page["runs"]
        while "next" in page:
            page = self._service.request("GET", path + "&cursor=" + page["next"])
            runs += page["runs"]
        return runs

    def _reports(self) -> Iterator[dict[str, Any]]:
        return (self.report(run["orchId"]) for run in self._list())


def to_date(text: str) -> datetime:
    """A time of a report as the old data has it: naive, in UTC."""
    # Python before 3.11 reads no more than microseconds and no Z.
    seconds, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return moment.replace(microsecond=int((fraction + "000000")[:6]), tzinfo=None)


def _details(action: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    end = to_date(report["finishedAt"]) if report["finishedAt"] else None
    times = [attempt["duration"] for attempt in action["attempts"] if attempt["duration"] is not None]
    details: dict[str, Any] = {"runtime": mean(times) if times else 0.0, "action_name": action["name"]}
    written = {}
    for found in report["objects"]:
        if action["actionId"] in found["writers"] and found["putTime"]:
            put = to_date(found["putTime"])
            written[found["object"]] = {"object": found["object"], "size": found["putSize"], "put_time": put, "lifetime": (end - put).total_seconds() if end else None}
    if written:
        details["objects"] = written
    return details
