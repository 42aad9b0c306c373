"""Object store access for OpenWhisk actions.

>>> from object_store import store
>>> from object_store.settings import from_environment
>>>
>>> @store.action
... def main(args):
...     config, db_config = from_environment()
...     objects = store.ObjectStore(config, ["texts"], db_config)
...     objects.get_sync(args["context"], "texts", "input.txt")
...     return {"read": "texts/input.txt"}
"""

from .actions import action
from .errors import FencingTokenStale, NoSuchKeyException, ObjectStoreError
from .store import ObjectStore

__all__ = ["FencingTokenStale", "NoSuchKeyException", "ObjectStore", "ObjectStoreError", "action"]
