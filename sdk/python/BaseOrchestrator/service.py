"""The service that orchestrates: found by its data directory, started when none runs, and asked over HTTP on loopback."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .settings import Settings

# The service that is started here ends when for so long nobody has asked anything and no action ran.
_IDLE = "5m"

_START_PATIENCE = 90
_ANSWER_PATIENCE = 120
_PAUSE = 0.1
_LOG_LINES = 20


class ServiceError(Exception):
    """The service refused a request, or there is none to be had.

    code: short and stable, such as "BATCH_CHANGED"; "UNAVAILABLE" when there is no service.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class _Address(NamedTuple):
    pid: int
    url: str
    secret: str


class Service:
    """Talks to the service of a data directory. May be used by several threads at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address: _Address | None = None
        self._gate = threading.Lock()

    @property
    def auth_hash(self) -> str:
        """SHA-256 of the credentials, by which the service knows whether it has the same."""
        return hashlib.sha256(self._settings.auth.encode()).hexdigest()

    @property
    def host(self) -> str:
        """OpenWhisk's URL, or "local"."""
        return self._settings.host

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Sends one request and returns the answer's JSON.

        Raises ServiceError with the service's code when it refuses, and ConnectionError when it has gone meanwhile: whether the
        request was carried out is not known then.
        """
        with self._gate:
            address = self._address = self._address or self._find() or self._start()
        try:
            return _send(address, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            with self._gate:
                if self._address == address:
                    self._address = None
            raise ConnectionError("The service in process %d has gone: %s" % (address.pid, error)) from error

    def _find(self) -> _Address | None:
        try:
            file = json.loads((self._settings.folder / "api.json").read_text(encoding="utf-8"))
            address = _Address(file["pid"], file["url"], file["secret"])
        except (OSError, ValueError, KeyError):
            return None
        # One that was killed has left its file behind.
        return address if file.get("host") == socket.gethostname() and _answers(address) else None

    def _start(self) -> _Address:
        settings = self._settings
        for note in settings.notes:
            print("BaseOrchestrator: " + note, file=sys.stderr)
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = settings.folder / "service.log"
        with open(log, "ab") as target:
            # A session of its own: it outlives this program, and Ctrl-C here is not meant for it.
            process = subprocess.Popen(
                _command() + ["serve", "--end-when-idle", os.environ.get("ORCHESTRATION_END_WHEN_IDLE") or _IDLE], env={**os.environ, **settings.environment},
                stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.STDOUT, start_new_session=True,
            )
        deadline = time.monotonic() + _START_PATIENCE
        while time.monotonic() < deadline:
            # Another program may have started one at the same moment: then there is that one, and ours has ended.
            address = self._find()
            if address:
                return address
            if process.poll() not in (None, 0) and not self._find():
                raise ServiceError("UNAVAILABLE", "The service did not start (%s says why):\n%s" % (log, _tail(log)))
            time.sleep(_PAUSE)
        raise ServiceError("UNAVAILABLE", "The service did not answer within %d s. Look at %s:\n%s" % (_START_PATIENCE, log, _tail(log)))


def _send(address: _Address, method: str, path: str, body: Any) -> Any:
    url = urlsplit(address.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=_ANSWER_PATIENCE)
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Authorization": "Bearer " + address.secret, "Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status < 300:
        return json.loads(answer)
    try:
        problem = json.loads(answer)
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError):
        code, detail = str(response.status), "The service in process %d answered %d." % (address.pid, response.status)
    if code == "CLOSING":
        raise ConnectionError(detail)
    raise ServiceError(code, detail)


def _answers(address: _Address) -> bool:
    try:
        _send(address, "GET", "/health/ready", None)
        return True
    except (OSError, http.client.HTTPException, ServiceError):
        return False


def _command() -> list[str]:
    given = os.environ.get("ORCHESTRATION_COMMAND")
    if given:
        return [given]
    here = Path(__file__).resolve().parent
    # In the source tree, and where the package was installed from it.
    places = [here.parents[2] / "orchestration"]
    try:
        places.append(Path((here / "launcher.txt").read_text(encoding="utf-8").strip()))
    except OSError:
        pass
    for place in places:
        if os.access(place, os.X_OK) and place.is_file():
            return [str(place)]
    found = shutil.which("orchestration")
    if found:
        return [found]
    raise ServiceError(
        "UNAVAILABLE",
        "The program 'orchestration' was not found, which runs the service. Name it in ORCHESTRATION_COMMAND, such as ORCHESTRATION_COMMAND=/path/to/orchestration, or put it on the PATH.",
    )


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])
    except OSError:
        return ""
