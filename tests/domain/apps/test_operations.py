"""The operations of the slice over both state databases, shape in, shape out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound, TooMany
from clarion.core.ids import SystemIds
from clarion.domain.apps.service import Apps
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context
from tests.domain.apps.conftest import House, context

CTX = context()
ELSEWHERE = [context("000000000002"), context(region="us-east-1")]


def create(house: House, name: str = "Shop", ctx: Context = CTX, **tags: str) -> shapes.ApplicationResponse:
    body: dict[str, Any] = {"Name": name, **({"tags": tags} if tags else {})}
    return house.operations.create_app(
        ctx, shapes.CreateAppRequest(create_application_request=convert(body, shapes.CreateApplicationRequest))
    )


def convert(body: dict[str, Any], shape: Any) -> Any:
    return msgspec.convert(body, shape)


def get(house: House, app_id: str, ctx: Context = CTX) -> shapes.ApplicationResponse:
    return house.operations.get_app(ctx, shapes.GetAppRequest(application_id=app_id))


def test_a_project_is_created_and_read_back(house: House) -> None:
    made = create(house, "Shop", Stack="Production")
    assert msgspec.to_builtins(made) == {
        "Arn": f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{made.id}",
        "Id": made.id,
        "Name": "Shop",
        "tags": {"Stack": "Production"},
        "CreationDate": "2027-03-04T09:15:02.120Z",
    }
    assert len(made.id) == 32
    assert get(house, made.id) == made


def test_tags_are_there_when_empty_and_names_need_not_be_unique(house: House) -> None:
    first, second = create(house), create(house)
    assert first.tags == {}
    assert first.id != second.id


@pytest.mark.parametrize("name", ["", "n" * 65, "a\nb", "a\0b"])
def test_names_that_are_refused(house: House, name: str) -> None:
    with pytest.raises(Invalid):
        create(house, name)


@pytest.mark.parametrize("app_id", ["0" * 32, "x", "", "A" * 32, "a\0b"])
def test_an_unknown_project_is_not_found(house: House, app_id: str) -> None:
    with pytest.raises(NotFound):
        get(house, app_id)
    with pytest.raises(NotFound):
        house.apps.require(CTX.scope, app_id)


def test_projects_belong_to_account_and_region(house: House) -> None:
    made = create(house)
    arn = made.arn
    house.apps.require(CTX.scope, made.id)
    for ctx in ELSEWHERE:
        for call in (
            lambda ctx=ctx: get(house, made.id, ctx),
            lambda ctx=ctx: house.apps.require(ctx.scope, made.id),
            lambda ctx=ctx: house.apps.delete(ctx.scope, made.id),
            lambda ctx=ctx: house.apps.settings(ctx.scope, made.id),
            lambda ctx=ctx: house.apps.update_settings(ctx.scope, made.id, shapes.WriteApplicationSettingsRequest()),
            lambda ctx=ctx: house.channels.overview(ctx.scope, made.id),
            lambda ctx=ctx: house.channels.get(ctx.scope, made.id, "EMAIL"),
            lambda ctx=ctx: house.tags.show(ctx.scope, arn),
            lambda ctx=ctx: house.tags.tag(ctx.scope, arn, {"a": "b"}),
        ):
            with pytest.raises(NotFound):
                call()
        assert house.operations.get_apps(ctx, shapes.GetAppsRequest()).item == []
    assert get(house, made.id) == made


def test_projects_are_paged_in_the_order_of_creation(house: House) -> None:
    made = []
    for n in range(5):
        made.append(create(house, f"p{n}", Number=str(n)))
        if n % 2:
            house.clock.move_to(house.clock.now() + timedelta(seconds=1))
    made.sort(key=lambda app: (app.creation_date or "", app.id))
    found: list[shapes.ApplicationResponse] = []
    token = None
    while True:
        page = house.operations.get_apps(CTX, shapes.GetAppsRequest(page_size="2", token=token))
        assert page.item is not None
        found += page.item
        assert len(page.item) <= 2
        token = page.next_token
        if token is None:
            break
    assert found == made
    whole = house.operations.get_apps(CTX, shapes.GetAppsRequest())
    assert (whole.item, whole.next_token) == (made, None)


@pytest.mark.parametrize(("size", "token"), [("0", None), ("x", None), ("1001", None), ("-1", None), (None, "bad")])
def test_bad_paging_is_refused(house: House, size: str | None, token: str | None) -> None:
    with pytest.raises(Invalid):
        house.operations.get_apps(CTX, shapes.GetAppsRequest(page_size=size, token=token))


def test_a_quota_of_projects(house: House) -> None:
    limited = Apps(
        house.database,
        house.tags,
        house.jobs,
        clock=house.clock,
        ids=SystemIds(),
        quota=2,
    )
    for _ in range(2):
        limited.create(CTX.scope, "p", None)
    with pytest.raises(TooMany):
        limited.create(CTX.scope, "p", None)
    limited.create(ELSEWHERE[0].scope, "p", None)


def test_deleting_answers_what_it_was_and_takes_everything_along(house: House) -> None:
    made, other = create(house, "Gone", A="b"), create(house, "Stays", C="d")
    removed: list[str] = []
    house.apps.on_delete(lambda connection, app: removed.append(app.id))
    house.channels.update(CTX.scope, made.id, "EMAIL", email(), "me")
    key = house.keys.create(CTX.scope.account, "client", app_id=made.id)
    house.apps.on_delete(house.keys.app_deleted)
    inside = f"{made.arn}/segments/s1"
    house.database.write(lambda c: house.tags.attach(c, inside, {"e": "f"}))
    house.apps.require(CTX.scope, made.id)

    assert house.operations.delete_app(CTX, shapes.DeleteAppRequest(application_id=made.id)) == made

    assert removed == [made.id]
    for call in (lambda: get(house, made.id), lambda: house.apps.require(CTX.scope, made.id)):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(NotFound):
        house.apps.delete(CTX.scope, made.id)
    house.keys.refresh()
    assert house.keys.find(key.access_key_id) is None
    assert house.database.read(lambda c: house.tags.of(c, [made.arn, inside])) == {made.arn: {}, inside: {}}
    assert house.channels.email(made.id) is None
    assert get(house, other.id) == other


def test_a_failing_hook_undoes_the_deletion(house: House) -> None:
    made = create(house)

    def fail(connection: sa.Connection, app: object) -> None:
        raise Invalid("no")

    house.apps.on_delete(fail)
    with pytest.raises(Invalid):
        house.apps.delete(CTX.scope, made.id)
    assert get(house, made.id) == made


big = sa.Table("big", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("app_id", sa.Text))


def test_big_tables_are_emptied_in_chunks(house: House) -> None:
    made = create(house)
    house.database.write(big.create)
    house.database.write(
        lambda c: (
            c.execute(
                sa.insert(big),
                [{"id": n, "app_id": made.id if n < 25_500 else "other"} for n in range(25_600)],
            ).rowcount
        )
    )
    chunks: list[int] = []

    def erase(connection: sa.Connection, app_id: str, limit: int) -> int:
        ids = list(connection.scalars(sa.select(big.c.id).where(big.c.app_id == app_id).limit(limit)))
        if ids:
            connection.execute(sa.delete(big).where(big.c.id.in_(ids)))
        chunks.append(len(ids))
        return len(ids)

    house.apps.eraser(erase)
    house.apps.delete(CTX.scope, made.id)
    house.engine.settle()
    assert house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(big))) == 100
    assert max(chunks) <= 1_000


def email(**members: Any) -> shapes.EmailChannelRequest:
    body = {
        "FromAddress": "Lea <lea@acme.test>",
        "Identity": "arn:aws:ses:eu-central-1:000000000001:identity/acme.test",
        **members,
    }
    return convert(body, shapes.EmailChannelRequest)


def settings(house: House, app_id: str, **body: Any) -> dict[str, Any]:
    request = shapes.UpdateApplicationSettingsRequest(
        application_id=app_id, write_application_settings_request=convert(body, shapes.WriteApplicationSettingsRequest)
    )
    answer = msgspec.to_builtins(house.operations.update_application_settings(CTX, request))
    read = house.operations.get_application_settings(CTX, shapes.GetApplicationSettingsRequest(application_id=app_id))
    assert msgspec.to_builtins(read) == answer
    return answer


def test_settings_are_empty_until_they_are_set(house: House) -> None:
    app_id = create(house).id
    answer = house.operations.get_application_settings(CTX, shapes.GetApplicationSettingsRequest(application_id=app_id))
    assert msgspec.to_builtins(answer) == {
        "ApplicationId": app_id,
        "CampaignHook": {},
        "Limits": {},
        "QuietTime": {},
        "JourneyLimits": {},
    }


def test_settings_keep_what_is_not_sent_and_clear_what_is_empty(house: House) -> None:
    app_id = create(house).id
    quiet = {"Start": "22:00", "End": "07:00"}
    first = settings(house, app_id, Limits={"Daily": 3, "Total": 5}, QuietTime=quiet, CloudWatchMetricsEnabled=True)
    assert (first["Limits"], first["QuietTime"]) == ({"Daily": 3, "Total": 5}, quiet)
    assert first["LastModifiedDate"] == "2027-03-04T09:15:02.120Z"
    second = settings(house, app_id, Limits={"Daily": 4})
    assert (second["Limits"], second["QuietTime"]) == ({"Daily": 4}, quiet)
    third = settings(house, app_id, QuietTime={})
    assert (third["Limits"], third["QuietTime"]) == ({"Daily": 4}, {})
    stored = house.database.read(lambda c: house.apps.stored_settings(c, app_id))
    assert stored.quiet_time is None
    assert stored.limits is not None
    assert (stored.limits.daily, stored.cloud_watch_metrics_enabled) == (4, True)


def test_one_project_s_settings_are_not_another_s(house: House) -> None:
    one, two = create(house).id, create(house).id
    settings(house, one, Limits={"Daily": 3})
    assert settings(house, two)["Limits"] == {}
