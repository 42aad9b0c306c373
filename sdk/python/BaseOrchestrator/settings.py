"""Where OpenWhisk, the object store and the database are."""

from __future__ import annotations

import importlib
import os
import socket
from pathlib import Path
from typing import Any, NamedTuple, Sequence
from urllib.parse import urlsplit

DEFAULT_HOST = "https://localhost:31001"
LOCAL = "local"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(NamedTuple):
    """What the service is started with.

    folder: its data directory.
    host: OpenWhisk's URL, or "local".
    auth: OpenWhisk's credentials, `uuid:key`.
    environment: all of it as the environment variables that the service reads.
    notes: what the user is told when the service is started.
    """

    folder: Path
    host: str
    auth: str
    environment: "dict[str, str]"
    notes: "list[str]"

    @property
    def database(self) -> "str | None":
        """MongoDB's URL; None when runs are stored in the data directory."""
        url = self.environment.get("Orchestration__Database") or os.environ.get("Orchestration__Database") or ""
        return url if url.startswith("mongodb") else None

    @property
    def store(self) -> "dict[str, str | None]":
        """The object store, as object_store takes it; the folder that the local OpenWhisk has when none is set."""
        endpoint = self.environment.get("Orchestration__ObjectStore") or os.environ.get("Orchestration__ObjectStore")
        if not endpoint and self.host == LOCAL:
            endpoint = "file:%s" % (self.folder / "store")
        keys = {name: self.environment.get(name) or os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return {"STORAGE_ENDPOINT": endpoint, **keys}


def read(auth: Sequence[str]) -> Settings:
    """Joins the module `constants`, the environment and `.wskprops`; the first that says something wins.

    auth: `(uuid, key)`, as `wsk property get --auth` prints the pair with a colon.
    """
    if isinstance(auth, str) or len(auth) != 2 or not all(isinstance(part, str) and part for part in auth):
        raise ValueError("auth takes the pair (uuid, key); 'wsk property get --auth' prints it as uuid:key.")
    constants = _constants()
    folder = Path(os.environ.get("Orchestration__DataDir") or ".orchestration").absolute()
    notes: list[str] = []
    host = os.environ.get("Orchestration__OpenWhisk") or _host_of_props() or _default_host(folder, notes)
    if host != LOCAL and "://" not in host:
        host = "https://" + host
    joined = ":".join(auth)
    environment = {"Orchestration__OpenWhisk": host, "Orchestration__Auth": joined, "Orchestration__DataDir": str(folder)}
    if host != LOCAL and urlsplit(host).scheme == "https" and urlsplit(host).hostname in _LOOPBACK:
        # A developer's cluster has a certificate that nobody has signed; on this machine there is nobody to pose as it.
        environment.setdefault("Orchestration__Insecure", os.environ.get("Orchestration__Insecure", "true"))
    _add_database(environment, constants)
    _add_store(environment, constants)
    return Settings(folder, host.rstrip("/"), joined, environment, notes)


def _constants() -> Any:
    try:
        return importlib.import_module("constants")
    except ModuleNotFoundError as error:
        if error.name != "constants":
            raise
        return None


def _add_database(environment: dict[str, str], constants: Any) -> None:
    host = getattr(constants, "MONGO_HOST", None) or (None if "Orchestration__Database" in os.environ else os.environ.get("MONGO_HOST"))
    if not host:
        return
    port = getattr(constants, "MONGO_PORT", None) or os.environ.get("MONGO_PORT") or 27017
    environment["Orchestration__Database"] = host if "://" in host else "mongodb://%s:%s" % (host, port)


def _add_store(environment: dict[str, str], constants: Any) -> None:
    endpoint = getattr(constants, "MINIO_ENDPOINT", None) or (None if "Orchestration__ObjectStore" in os.environ else os.environ.get("STORAGE_ENDPOINT"))
    if endpoint:
        environment["Orchestration__ObjectStore"] = endpoint if "://" in endpoint or endpoint.startswith("file:") else "http://" + endpoint
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        value = getattr(constants, name, None)
        if value:
            environment[name] = value


def _host_of_props() -> str | None:
    path = Path(os.environ.get("WSK_CONFIG_FILE") or Path.home() / ".wskprops")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() == "APIHOST" and value.strip():
            return value.strip()
    return None


def _default_host(folder: Path, notes: list[str]) -> str:
    url = urlsplit(DEFAULT_HOST)
    try:
        socket.create_connection((url.hostname or "", url.port or 443), timeout=2).close()
    except OSError:
        # Whoever has deployed actions to the local OpenWhisk of this folder means that one.
        if (folder / "whisk").is_dir():
            notes.append("no OpenWhisk listens on %s: using the local one, with the actions of %s" % (DEFAULT_HOST, folder))
            return LOCAL
    return DEFAULT_HOST
