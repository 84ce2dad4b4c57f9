"""The port over a boto3 client."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from typing import Any

from clarion.core.settings import Settings
from clarion.store.objects.port import Found, Limits, Writing
from clarion.store.objects.s3 import reading, writing
from clarion.store.objects.s3.client import Address, Client


class S3:
    """`s3://` (see `port.Objects`). The tag is the ETag as S3 writes it, with its quotes."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._client = Client(settings, limits)

    def find(self, url: str) -> list[Found]:
        address = Address(url)
        found: list[Found] = []
        for item in self._listed(address):
            key, size = item["Key"], item["Size"]
            if key.endswith("/") and not size:
                continue
            found.append(Found(f"s3://{address.bucket}/{key}", size, item["ETag"]))
            if key == address.key:
                return found[-1:]
        return sorted(found)

    def read(self, found: Found, start: int = 0) -> Generator[bytes, None, None]:
        return reading.read(self._client, found, start)

    def write(self, url: str) -> AbstractContextManager[Writing]:
        return writing.write(self._client, Address(url))

    def delete(self, url: str) -> None:
        address = Address(url)
        self._client.ask(url, lambda: self._client.s3.delete_object(**address.object))

    def close(self) -> None:
        self._client.s3.close()

    def _listed(self, address: Address) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = self._page(address, more)
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _page(self, address: Address, more: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.ask(
            address.url,
            lambda: self._client.s3.list_objects_v2(Bucket=address.bucket, Prefix=address.key, **more),
        )
        return answer
