"""The object store as an action sees it: local files named `bucket/file_name`, moved to and from the store."""

import os
import tempfile

from . import endpoints, settings, tracking
from .actions import action
from .errors import FencingTokenStale, NoSuchKeyException, ObjectStoreError

__all__ = ["FencingTokenStale", "NoSuchKeyException", "ObjectStore", "ObjectStoreError", "action"]


class ObjectStore:
    """Puts, gets and removes objects; inside an `@action` it also notes which.

    config: `STORAGE_ENDPOINT` (`http(s)://host:port`, `host:port` or `file:DIR`), `AWS_ACCESS_KEY_ID` and
        `AWS_SECRET_ACCESS_KEY`. A member that is absent comes from the environment variable of its name.
        Without an endpoint, or with an empty one, put, get and remove do nothing.
    buckets: names of the buckets to create; already existing is fine. Local folders of these names are
        created as well, in the working directory.
    db_config: `{MONGO_HOST, MONGO_PORT}`; accepted for actions that pass it, put, get and remove need no MongoDB.

    `context` in all methods is the action's `args["context"]`; it may be empty.
    All methods raise ObjectStoreError with the S3 error code when the store refuses or is not reached.
    """

    def __init__(self, config, buckets, db_config=None):
        self.buckets = list(buckets or ())
        self.db_config = db_config
        self._backend = endpoints.connect(settings.complete(config))
        for bucket in self.buckets:
            os.makedirs(bucket, exist_ok=True)
            if self._backend:
                self._backend.make_bucket(bucket)
        self._note_use()

    def put_sync(self, context, bucket, file_name):
        """Uploads the local file `bucket/file_name` to that bucket and key.

        Of an object that the action shares with other writers, its grant's number is stored with the object. Raises
        FencingTokenStale when a later one is there.
        """
        _check(bucket, file_name)
        if not self._backend:
            return
        with open(_local(bucket, file_name), "rb") as source:
            size, etag = self._backend.put(bucket, file_name, source, tracking.fencing_number(context, bucket, file_name))
        self._note_use()
        tracking.record("writes", context, bucket, file_name, size, etag)

    def get_sync(self, context, bucket, file_name):
        """Downloads the object to the local path `bucket/file_name`.

        Raises NoSuchKeyException when the object, or its bucket, is not there. A local file of that name is
        replaced only by a whole download.
        """
        _check(bucket, file_name)
        if not self._backend:
            return
        self._note_use()
        path = _local(bucket, file_name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".get-")
        try:
            with os.fdopen(handle, "wb") as target:
                size, etag = self._backend.get(bucket, file_name, target)
            os.replace(temporary, path)
        except NoSuchKeyException:
            os.unlink(temporary)
            tracking.record("missing", context, bucket, file_name)
            raise
        except BaseException:
            os.unlink(temporary)
            raise
        tracking.record("reads", context, bucket, file_name, size, etag)

    def remove_object(self, context, bucket, file_name):
        """Removes the object from the store, not the local file; it is no error when it is not there."""
        _check(bucket, file_name)
        if self._backend:
            self._backend.remove(bucket, file_name)

    def _put_report(self, bucket, key, content):
        # A report that is too large for a reply; it is not noted as a write of the action.
        if not self._backend:
            raise ObjectStoreError("NoStore", "The report '%s/%s' has no store to go to: set STORAGE_ENDPOINT." % (bucket, key))
        with tempfile.TemporaryFile() as source:
            source.write(content)
            source.seek(0)
            self._backend.put(bucket, key, source)

    def _note_use(self):
        if self._backend:
            tracking.store_in_use = self


def _check(bucket, file_name):
    name = "%s/%s" % (bucket, file_name)
    if not bucket or not file_name or "\0" in name or ".." in name.split("/"):
        raise ValueError("'%s' is no object name: bucket and key must not be empty or contain '..' parts." % name)


def _local(bucket, file_name):
    return bucket + "/" + file_name
