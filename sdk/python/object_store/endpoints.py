"""From STORAGE_ENDPOINT to the store that it names."""

from __future__ import annotations

from typing import IO, Any, Mapping, Protocol
from urllib.parse import unquote, urlsplit

from .folder import FolderStore


class Backend(Protocol):
    """The four operations of a store; they raise ObjectStoreError."""

    def make_bucket(self, bucket: str) -> None:
        """Creates the bucket; already existing is fine."""

    def put(self, bucket: str, key: str, source: IO[bytes], fencing: int | None = None) -> tuple[int, str]:
        """Stores `source` and returns (size in bytes, etag); with `fencing`, the number of a grant, raises FencingTokenStale when a later one is stored."""

    def get(self, bucket: str, key: str, target: IO[bytes]) -> tuple[int, str]:
        """Copies the object into `target` and returns (size in bytes, etag); raises NoSuchKeyException when it is not there."""

    def remove(self, bucket: str, key: str) -> None:
        """Removes the object; it is no error when it is not there."""


def connect(settings: Mapping[str, Any]) -> Backend | None:
    """The store of `settings["STORAGE_ENDPOINT"]`, or None when there is no endpoint.

    * `file:DIR`, `file:///abs/dir`: a folder. Only the `//` form is a URL and so percent-decoded.
    * `http://host:port`, `https://...`: S3; `host:port` without a scheme means plain http.
    """
    endpoint = settings["STORAGE_ENDPOINT"]
    if not endpoint:
        return None
    if endpoint.startswith("file:"):
        return FolderStore(_folder(endpoint))

    scheme, separator, _ = endpoint.partition("://")
    if not separator:
        endpoint = "http://" + endpoint
    elif scheme not in ("http", "https"):
        raise ValueError(
            "STORAGE_ENDPOINT '%s' has an unknown scheme '%s': use http://, https://, host:port or file:DIR."
            % (endpoint, scheme)
        )

    # Imported here so that the folder store works where boto3 is not installed.
    from .s3 import S3Store

    return S3Store(endpoint.rstrip("/"), settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])


def _folder(endpoint: str) -> str:
    path = endpoint[len("file:"):]
    if path.startswith("//"):
        url = urlsplit(endpoint)
        if url.netloc not in ("", "localhost"):
            raise ValueError(
                "STORAGE_ENDPOINT '%s' names a host '%s': use file:///absolute/folder or file:DIR." % (endpoint, url.netloc)
            )
        path = unquote(url.path)
    if not path:
        raise ValueError("STORAGE_ENDPOINT '%s' names no folder: use file:///absolute/folder or file:DIR." % endpoint)
    return path
