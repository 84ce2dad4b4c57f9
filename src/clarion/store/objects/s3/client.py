"""A boto3 client as the settings say, and asking it with patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import boto3.session
import botocore.session
from botocore.config import Config

from clarion.core.settings import Settings
from clarion.store.objects.port import Limits, Unreadable
from clarion.store.objects.s3.errors import FAILURES, explained, worth_another_try

T = TypeVar("T")


class Address:
    """Bucket and key of a URL, as the arguments boto3 wants."""

    def __init__(self, url: str) -> None:
        """Raises Unreadable when there is no bucket in it."""
        self.url = url
        self.bucket, _, self.key = url.removeprefix("s3://").partition("/")
        if not self.bucket:
            raise Unreadable(f"{url}: must be s3://bucket/key")

    @property
    def object(self) -> dict[str, str]:
        """`Bucket` and `Key`. Raises Unreadable when the URL is only a bucket's."""
        if not self.key:
            raise Unreadable(f"{self.url}: must be s3://bucket/key")
        return {"Bucket": self.bucket, "Key": self.key}


class Client:
    """The S3 client of this process; `ask` is the way to use it."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.limits = limits
        try:
            self.s3 = _boto3_client(settings, limits)
        except FAILURES as error:
            raise Unreadable(f"s3: {error}") from error

    def ask(self, url: str, call: Callable[[], T]) -> T:
        """What `call` returns. Asks again after temporary trouble, though not after a time limit has passed,
        so that a store which stalls costs one limit; raises what the last error means."""
        for failed in range(self.limits.tries):
            try:
                return call()
            except FAILURES as error:
                meant = explained(url, error)
                if failed + 1 == self.limits.tries or not worth_another_try(error, meant):
                    raise meant from error
                self.pause(failed)
        raise AssertionError("no try allowed")

    def pause(self, failed: int) -> None:
        """Wait before asking again, `failed` failures after the first."""
        time.sleep(self.limits.pause_seconds * 2**failed)


def _boto3_client(settings: Settings, limits: Limits) -> Any:
    """Endpoints in the environment (AWS_ENDPOINT_URL…) and in profiles are left alone: they are there to lead
    programs to Clarion itself. Checksums only where S3 requires them, as older stores know none. With an endpoint,
    "auto" means: in the path."""
    core = botocore.session.get_session()
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    session = boto3.session.Session(botocore_session=core)
    return session.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url or None,
        region_name=settings.s3_region or session.region_name or "us-east-1",
        aws_access_key_id=settings.s3_access_key_id or None,
        aws_secret_access_key=settings.s3_secret_access_key or None,
        config=Config(
            connect_timeout=limits.connect_seconds,
            read_timeout=limits.read_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=32,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "auto" if settings.s3_path_style or not settings.s3_endpoint_url else "virtual"},
        ),
    )
