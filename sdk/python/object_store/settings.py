"""Where the store is and with which keys: from the environment, instead of a constants.py per action."""

from __future__ import annotations

import os
from typing import Any, Mapping

STORE_NAMES = ("STORAGE_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def from_environment() -> tuple[dict[str, str | None], dict[str, Any] | None]:
    """The pair (config, db_config) that `ObjectStore` takes, from environment variables of the members' names.

    db_config is None when MONGO_HOST is not set. The local OpenWhisk sets the variables for every action.
    """
    host = os.environ.get("MONGO_HOST")
    db_config = {"MONGO_HOST": host, "MONGO_PORT": int(os.environ.get("MONGO_PORT", "27017"))} if host else None
    return complete({}), db_config


def complete(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """`config` with each member that it lacks taken from the environment. A member that is None or "" stays so."""
    config = config or {}
    return {name: config[name] if name in config else os.environ.get(name) for name in STORE_NAMES}
