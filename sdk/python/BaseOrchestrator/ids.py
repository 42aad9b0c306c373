"""Ids of orchestrations and actions: MongoDB ObjectIds, of pymongo's type where it is installed and else their 24 hexadecimal digits."""

from __future__ import annotations

import itertools
import os
import struct
import time
from typing import Any

try:
    from bson import ObjectId
except ImportError:
    ObjectId = None

_process = os.urandom(5)
_counter = itertools.count(int.from_bytes(os.urandom(3), "big"))


def new_id() -> str:
    """An id that no other process draws: four bytes of time, five of the process, three of a counter."""
    return (struct.pack(">I", int(time.time())) + _process + (next(_counter) & 0xFFFFFF).to_bytes(3, "big")).hex()


def to_id(text: str) -> Any:
    """The id as callers get it."""
    return ObjectId(text) if ObjectId else text
