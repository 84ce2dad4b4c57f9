"""Requests with a token are done once, whatever becomes of their answers. Every test on either state database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.audience.people.holder import Person
from clarion.domain.messaging.direct.answers import LONGEST, answers, erase
from clarion.domain.messaging.direct.people import AnswersHolder
from clarion.shapes.pinpoint import MessageRequest, SendMessagesRequest
from tests.domain.messaging.house import CTX, SCOPE, House

Processes = Callable[..., House]
EMAIL = {"ChannelType": "EMAIL"}
HELLO: dict[str, Any] = {"EmailMessage": {"SimpleEmail": {"TextPart": {"Data": "hi"}}}}
TO_LEA: dict[str, Any] = {"MessageConfiguration": HELLO, "Addresses": {"lea@example.com": EMAIL}}
DAY = 86_400


@pytest.fixture
def one(processes: Processes) -> House:
    """A process on an empty database."""
    return processes()


def rows(house: House) -> int:
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(answers)) or 0)


def asked(house: House, app: str, header: str, request: str, **body: Any) -> dict[str, Any]:
    """SendMessages with the token in the header, under a request id of its own."""
    sent = SendMessagesRequest(application_id=app, message_request=msgspec.convert(body, MessageRequest))
    ctx = CTX._replace(idempotency_token=header, request_id=request)
    answer: dict[str, Any] = msgspec.to_builtins(house.operations.send_messages(ctx, sent))
    return answer


def test_the_same_request_again_gets_the_first_answer(one: House) -> None:
    app = one.app()
    first = asked(one, app, "order-1", "request-1", **TO_LEA)
    assert first["RequestId"] == "request-1"
    assert asked(one, app, "order-1", "request-2", **TO_LEA) == first
    assert asked(one, app, "order-1", "request-3", **TO_LEA, IdempotencyToken="order-1") == first
    assert one.send(app, **TO_LEA, IdempotencyToken="order-1") == first
    one.settle()
    assert len(one.arrived(app)) == 1
    assert asked(one, app, "order-2", "request-4", **TO_LEA)["Result"] != first["Result"]
    assert one.send(app, **TO_LEA)["Result"] != one.send(app, **TO_LEA)["Result"]
    one.settle()
    assert len(one.arrived(app)) == 4


def test_users_and_messages_and_projects_have_tokens_of_their_own(one: House) -> None:
    app, other = one.app(), one.app()
    one.endpoint(app, "lea", user="lea")
    to_users = {"MessageConfiguration": HELLO, "Users": {"lea": {}}, "IdempotencyToken": "t"}
    first = one.send_users(app, **to_users)
    assert one.send_users(app, **to_users) == first
    one.send(app, **TO_LEA, IdempotencyToken="t")
    one.send(other, **TO_LEA, IdempotencyToken="t")
    one.settle()
    assert (len(one.arrived(app)), len(one.arrived(other))) == (2, 1)


def test_refusals_are_part_of_the_answer(one: House) -> None:
    app = one.app()
    request = {"MessageConfiguration": HELLO, "Endpoints": {"lea": {}}, "IdempotencyToken": "t"}
    first = one.send(app, **request)
    assert first["EndpointResult"]["lea"]["StatusCode"] == 400
    one.endpoint(app, "lea")
    assert one.send(app, **request) == first
    one.settle()
    assert one.arrived(app) == []


def test_errors_are_not_kept(one: House) -> None:
    app = one.app()
    with pytest.raises(Invalid, match="Addresses or Endpoints"):
        one.send(app, MessageConfiguration=HELLO, IdempotencyToken="t")
    one.send(app, **TO_LEA, IdempotencyToken="t")
    one.settle()
    assert len(one.arrived(app)) == 1


def test_the_order_of_targets_does_not_matter(one: House) -> None:
    app = one.app()
    two = {"a@example.com": EMAIL, "b@example.com": EMAIL}
    first = one.send(app, MessageConfiguration=HELLO, Addresses=two, IdempotencyToken="t")
    turned = dict(reversed(two.items()))
    assert one.send(app, MessageConfiguration=HELLO, Addresses=turned, IdempotencyToken="t") == first


def test_another_body_is_refused(one: House) -> None:
    app = one.app()
    one.send(app, **TO_LEA, IdempotencyToken="t")
    for other in ({"Addresses": {"jon@example.com": EMAIL}}, {"Context": {"a": "b"}}, {"TraceId": "x"}):
        with pytest.raises(Invalid, match=r"^IdempotencyToken: was used before"):
            one.send(app, **{**TO_LEA, **other}, IdempotencyToken="t")
    one.settle()
    assert len(one.arrived(app)) == 1


@pytest.mark.parametrize(
    ("member", "header", "text"),
    [
        ("", "", "empty"),
        ("ä", "", "ASCII"),
        ("", "t", "differs"),
        ("a", "b", "differs"),
        ("x" * (LONGEST + 1), "", "1 to"),
    ],
)
def test_bad_tokens(house: House, member: str, header: str, text: str) -> None:
    app = house.app()
    with pytest.raises(Invalid, match=f"^IdempotencyToken: .*{text}"):
        asked(house, app, header, "r", **TO_LEA, IdempotencyToken=member)


def test_a_project_of_somebody_else_tells_nothing(house: House) -> None:
    app = house.app()
    house.send(app, **TO_LEA, IdempotencyToken="t")
    body = msgspec.convert({**TO_LEA, "IdempotencyToken": "t"}, MessageRequest)
    sent = SendMessagesRequest(application_id=app, message_request=body)
    with pytest.raises(NotFound):
        house.operations.send_messages(CTX._replace(scope=Scope("999999999999", SCOPE.region)), sent)


def test_many_at_once_send_once_and_are_all_told_the_same(processes: Processes) -> None:
    """Two processes, eight requests: all have looked for an earlier answer before any of them is kept."""
    first = processes()
    second = processes(seed=2)
    app = first.app()
    together = threading.Barrier(8)

    def ask(number: int) -> dict[str, Any]:
        house = (first, second)[number % 2]
        together.wait(30)
        return asked(house, app, "t", f"request-{number}", **TO_LEA)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert all(answer == told[0] for answer in told)
    first.settle()
    (mail,) = first.arrived(app)
    assert mail.message_id == told[0]["Result"]["lea@example.com"]["MessageId"]


def test_whoever_comes_while_another_is_about_to_commit(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first request has found no answer; before its transaction, another process does the same request."""
    first, second = processes(), processes(seed=2)
    app = first.app()
    prepare = first.direct._round

    def late(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        told.append(asked(second, app, "t", "second", **TO_LEA))
        return prepare(*args, **more)

    told: list[dict[str, Any]] = []
    monkeypatch.setattr(first.direct, "_round", late)
    assert asked(first, app, "t", "first", **TO_LEA) == told[0]
    assert told[0]["RequestId"] == "second"
    second.settle()
    assert len(second.arrived(app)) == 1


def test_answers_go_after_thirty_days(one: House) -> None:
    app = one.app()
    one.send(app, **TO_LEA, IdempotencyToken="old")
    one.advance(29 * DAY)
    one.send(app, **TO_LEA, IdempotencyToken="new")
    first = one.send(app, **TO_LEA, IdempotencyToken="old")
    one.advance(2 * DAY)
    assert rows(one) == 1
    assert one.send(app, **TO_LEA, IdempotencyToken="old")["Result"] != first["Result"]
    one.advance(32 * DAY)
    assert rows(one) == 0
    one.advance(2 * DAY)
    one.send(app, **TO_LEA, IdempotencyToken="later")
    one.advance(32 * DAY)
    assert rows(one) == 0


def test_answers_go_with_their_project(one: House) -> None:
    app, other = one.app(), one.app()
    for token in ("a", "b"):
        one.send(app, **TO_LEA, IdempotencyToken=token)
    one.send(other, **TO_LEA, IdempotencyToken="a")
    assert erase in one.apps.erasers
    assert [one.database.write(lambda c: erase(c, app, 1)) for _ in range(3)] == [1, 1, 0]
    assert rows(one) == 1


def test_a_person_is_told_and_erased(one: House) -> None:
    app = one.app()
    one.endpoint(app, "lea", user="lea-user")
    one.endpoint(app, "jon", user="jon-user")
    both = {"MessageConfiguration": HELLO, "Users": {"lea-user": {}, "jon-user": {}}, "IdempotencyToken": "users"}
    one.send_users(app, **both)
    to_both = {"MessageConfiguration": HELLO, "Endpoints": {"lea": {}, "jon": {}}, "IdempotencyToken": "ends"}
    one.send(app, **to_both)
    one.send(app, **TO_LEA, IdempotencyToken="mail")
    jons = {"MessageConfiguration": HELLO, "Addresses": {"jon@example.com": EMAIL}, "IdempotencyToken": "jon"}
    jon = one.send(app, **jons)
    holder = AnswersHolder(one.database, clock=one.clock)
    lea = Person(app_id=app, user_id="lea-user", keys=["lea"], addresses=["lea@example.com"])
    assert holder.count(lea) == {"DirectAnswers": 3}
    tell = holder.sections()["DirectAnswers"]
    items = list(tell(lea, "", 100).items)
    assert [item["Operation"] for item in items] == ["SendUsersMessages", "SendMessages", "SendMessages"]
    assert "jon" not in str(items)
    page = tell(lea, "", 1)
    paged: list[Any] = []
    while page.items:
        paged += page.items
        page = tell(lea, page.after, 1) if page.after else type(page)([])
    assert paged == items
    one.advance(1)
    gone = msgspec.structs.replace(lea, before_ms=one.clock.now_ms())
    holder.erase([gone])
    assert holder.count(lea) == {"DirectAnswers": 0}
    with pytest.raises(Conflict, match="erased"):
        one.send(app, **TO_LEA, IdempotencyToken="mail")
    assert one.send(app, **jons) == jon
    left = str(one.database.read(lambda c: c.execute(sa.select(answers)).all()))
    assert "lea" not in left
