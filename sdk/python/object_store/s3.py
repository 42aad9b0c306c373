"""Objects in S3 or MinIO, by boto3."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from typing import IO, Any, Iterator

from .errors import FencingTokenStale, NoSuchKeyException, ObjectStoreError

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError as error:
    raise ImportError(
        "An http(s) STORAGE_ENDPOINT needs boto3: install it (pip install boto3, or apt-get install python3-boto3), "
        "or use a folder (STORAGE_ENDPOINT=file:DIR)."
    ) from error

_PART = 16 << 20
_MOST_PARTS = 10000
_DOWNLOADS = 3
_FENCING = "fencing-number"


class S3Store:
    """The store at an S3 endpoint. Its methods raise ObjectStoreError with the S3 code."""

    def __init__(self, endpoint: str, access_key: str | None, secret_key: str | None) -> None:
        self._connection = (endpoint, access_key, secret_key)

    @property
    def _client(self) -> Any:
        # By process: after a fork, parent and child must not talk over the same sockets.
        return _connect(os.getpid(), *self._connection)

    def make_bucket(self, bucket: str) -> None:
        """Creates the bucket; already existing is fine."""
        with _store_errors(bucket):
            try:
                self._client.create_bucket(Bucket=bucket)
            except ClientError as error:
                code = _code(error)
                if code in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    return
                # Keys that may use a bucket but not make one, and several actions that make it at the same moment.
                if code not in ("AccessDenied", "OperationAborted") or not self._has(bucket):
                    raise

    def put(self, bucket: str, key: str, source: IO[bytes], fencing: int | None = None) -> tuple[int, str]:
        """Stores the binary file `source` and returns (size in bytes, etag).

        With `fencing`, the number of a grant, the object's own is looked at right before the object appears, and this one is
        stored with it. S3 makes no one step of the two.
        """
        size = os.fstat(source.fileno()).st_size
        with _store_errors(bucket, key):
            if size <= _PART:
                self._check_fencing(bucket, key, fencing)
                answer = self._client.put_object(Bucket=bucket, Key=key, Body=source, **_metadata(fencing))
            else:
                answer = self._put_parts(bucket, key, source, size, fencing)
        return size, answer["ETag"].strip('"')

    def get(self, bucket: str, key: str, target: IO[bytes]) -> tuple[int, str]:
        """Copies the object into the binary file `target` and returns (size in bytes, etag)."""
        with _store_errors(bucket, key):
            try:
                for left in reversed(range(_DOWNLOADS)):
                    answer = self._client.get_object(Bucket=bucket, Key=key)
                    try:
                        with contextlib.closing(answer["Body"]) as body:
                            shutil.copyfileobj(body, target, 1 << 20)
                        break
                    except BotoCoreError:
                        # boto3 repeats a request, but not one whose answer breaks off half way.
                        if not left:
                            raise
                        target.seek(0)
                        target.truncate()
            except ClientError as error:
                if _code(error) in ("NoSuchKey", "NoSuchBucket", "404"):
                    raise NoSuchKeyException(bucket + "/" + key) from None
                raise
        return answer["ContentLength"], answer["ETag"].strip('"')

    def remove(self, bucket: str, key: str) -> None:
        """Removes the object; it is no error when it is not there."""
        with _store_errors(bucket, key):
            self._client.delete_object(Bucket=bucket, Key=key)

    def _has(self, bucket: str) -> bool:
        try:
            self._client.head_bucket(Bucket=bucket)
            return True
        except ClientError:
            return False

    def _check_fencing(self, bucket: str, key: str, fencing: int | None) -> None:
        if fencing is None:
            return
        try:
            latest = int(self._client.head_object(Bucket=bucket, Key=key)["Metadata"].get(_FENCING) or 0)
        except ClientError as error:
            if _code(error) not in ("NoSuchKey", "NotFound", "404"):
                raise
            return
        if latest > fencing:
            raise FencingTokenStale(bucket + "/" + key, fencing, latest)

    def _put_parts(self, bucket: str, key: str, source: IO[bytes], size: int, fencing: int | None) -> Any:
        # boto3's own upload_fileobj does not return the etag, and asking for it afterwards could give another writer's.
        length = max(_PART, -(-size // _MOST_PARTS))
        target = {"Bucket": bucket, "Key": key}
        target["UploadId"] = self._client.create_multipart_upload(**target, **_metadata(fencing))["UploadId"]
        try:
            parts = []
            for number, body in enumerate(iter(functools.partial(source.read, length), b""), 1):
                answer = self._client.upload_part(PartNumber=number, Body=body, **target)
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            self._check_fencing(bucket, key, fencing)
            return self._client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **target)
        except BaseException:
            with contextlib.suppress(BotoCoreError, ClientError):
                self._client.abort_multipart_upload(**target)
            raise


@functools.lru_cache(maxsize=8)
def _connect(_pid: int, endpoint: str, access_key: str | None, secret_key: str | None) -> Any:
    options = {"signature_version": "s3v4", "s3": {"addressing_style": "path"}, "retries": {"mode": "standard"}}
    try:
        # Newer boto3 adds checksums by default that MinIO before 2025 and other S3 servers refuse.
        config = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required", **options)
    except TypeError:
        config = Config(**options)
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        config=config,
    )


def _metadata(fencing: int | None) -> dict[str, Any]:
    return {} if fencing is None else {"Metadata": {_FENCING: str(fencing)}}


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextlib.contextmanager
def _store_errors(bucket: str, key: str | None = None) -> Iterator[None]:
    name = bucket if key is None else bucket + "/" + key
    meta = None if key is None else {"key": name}
    try:
        yield
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message") or str(error)
        raise ObjectStoreError(_code(error), "'%s': %s" % (name, message), meta) from error
    except BotoCoreError as error:
        raise ObjectStoreError(type(error).__name__, "'%s': %s" % (name, error), meta) from error
