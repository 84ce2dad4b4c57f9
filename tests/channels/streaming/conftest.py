from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from tests.channels.streaming import places
from tests.channels.streaming.places import Place


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    with places.moto() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def kafka_brokers() -> Iterator[str]:
    with places.kafka_cluster() as brokers:
        yield brokers


_PLACES: dict[str, Callable[[pytest.FixtureRequest, Path], AbstractContextManager[Place]]] = {
    "kinesis": lambda request, path: nullcontext(places.kinesis(request.getfixturevalue("moto_endpoint"))),
    "firehose": lambda request, path: nullcontext(places.firehose(request.getfixturevalue("moto_endpoint"))),
    "kafka": lambda request, path: nullcontext(places.kafka(request.getfixturevalue("kafka_brokers"))),
    "webhook": lambda request, path: places.webhook(),
    "s3": lambda request, path: nullcontext(places.bucket(request.getfixturevalue("moto_endpoint"))),
    "file": lambda request, path: nullcontext(places.folder(path / "events")),
    "file gzip": lambda request, path: nullcontext(places.folder(path / "events", "jsonl.gz")),
    "file parquet": lambda request, path: nullcontext(places.folder(path / "events", "parquet")),
}


@pytest.fixture(params=list(_PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with _PLACES[request.param](request, tmp_path) as found:
        yield found
