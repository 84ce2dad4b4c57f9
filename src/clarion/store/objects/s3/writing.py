"""One new object: a single request when it is small, a multipart upload otherwise."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from clarion.store.objects.port import Writing
from clarion.store.objects.s3.client import Address, Client
from clarion.store.objects.s3.errors import FAILURES, code_of

_log = structlog.get_logger(__name__)


@contextmanager
def write(client: Client, address: Address) -> Iterator[Writing]:
    """See `port.Objects.write`. A process that is killed leaves parts behind which no listing shows; a rule of the
    bucket (AbortIncompleteMultipartUpload) clears them away."""
    upload = _Upload(client, address)
    try:
        yield upload
        upload.finish()
    except BaseException:
        upload.abort()
        raise


class _Upload:
    def __init__(self, client: Client, address: Address) -> None:
        self._client = client
        self._url = address.url
        self._object: dict[str, Any] = dict(address.object)
        self._kept = bytearray()
        self._size = 0
        self._id: str | None = None
        self._parts: list[dict[str, Any]] = []

    def write(self, data: bytes, /) -> int:
        self._kept += data
        self._size += len(data)
        size = self._client.limits.part_bytes
        while len(self._kept) >= size:
            self._send_part(bytes(self._kept[:size]))
            del self._kept[:size]
        return len(data)

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        if self._id is None:
            body = bytes(self._kept)
            self._client.ask(
                self._url, lambda: self._client.s3.put_object(**self._object, Body=body, ContentMD5=_md5(body))
            )
            return
        if self._kept:
            self._send_part(bytes(self._kept))
        self._client.ask(self._url, self._complete)

    def abort(self) -> None:
        """Throw away what was sent; that failing is only logged, as something else has failed before."""
        if self._id is None:
            return
        try:
            self._client.s3.abort_multipart_upload(**self._object, UploadId=self._id)
        except FAILURES as error:
            if code_of(error) != "NoSuchUpload":
                _log.warning("objects.abort", url=self._url, upload=self._id, error=str(error))

    def _send_part(self, body: bytes) -> None:
        if self._id is None:
            started = self._client.ask(self._url, lambda: self._client.s3.create_multipart_upload(**self._object))
            self._id = started["UploadId"]
        number = len(self._parts) + 1
        answer = self._client.ask(
            self._url,
            lambda: self._client.s3.upload_part(
                **self._object, UploadId=self._id, PartNumber=number, Body=body, ContentMD5=_md5(body)
            ),
        )
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})

    def _complete(self) -> None:
        """Put the parts together; done already when an answer was lost on the way and this is the next try."""
        try:
            self._client.s3.complete_multipart_upload(
                **self._object, UploadId=self._id, MultipartUpload={"Parts": self._parts}
            )
        except FAILURES as error:
            if code_of(error) != "NoSuchUpload" or not self._is_there():
                raise

    def _is_there(self) -> bool:
        head = self._client.s3.head_object(**self._object)
        return bool(head["ContentLength"] == self._size and head["ETag"].endswith(f'-{len(self._parts)}"'))


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
