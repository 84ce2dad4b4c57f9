"""What customers build and servers call: functions, models and webhooks, on loopback; tests say what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.channels.calls.peers import Asked, Said, Site, site
from tests.channels.certificates import self_signed

ACCOUNT = "000000000001"
MODEL = f"arn:aws:personalize:eu-central-1:{ACCOUNT}:campaign/shop"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/recommend"

Function = Callable[[Any], Any]
"""Takes the event; answers what becomes the function's JSON answer, or a `Said`."""


class Outside:
    """Functions (and campaigns of Connect) by name, recommended items by user id, pages by path (over TLS, `url`)."""

    def __init__(self, aws: Site, web: Site, authority: str) -> None:
        self.functions: dict[str, Function] = {}
        self.invoked: list[tuple[str, Any]] = []
        self.items: Callable[[str], list[str] | Said] = lambda user_id: []
        self.recommended: list[str] = []
        self.pages: dict[str, Function] = {}
        self.heads: dict[str, Mapping[str, str]] = {}
        self.web = web
        self.settings = {
            "CLARION_CALLOUT_NETWORKS": "127.0.0.0/8",
            "CLARION_CALLOUT_AUTHORITIES": authority,
            "CLARION_CALLOUT_REGION": "eu-central-1",
            "CLARION_OUTAGE_HOURS": "2",
            "CLARION_CALLOUT_ACCESS_KEY_ID": "AKID",
            "CLARION_CALLOUT_SECRET_ACCESS_KEY": "secret",
            "CLARION_LAMBDA_ENDPOINT_URL": aws.url(""),
            "CLARION_PERSONALIZE_ENDPOINT_URL": aws.url(""),
            "CLARION_CONNECT_ENDPOINT_URL": aws.url(""),
        }
        aws.answer = self._aws
        web.answer = self._web

    def url(self, path: str) -> str:
        """A web page's URL."""
        return f"https://localhost:{self.web.port}{path}"

    def page(self, path: str, answer: Function, *, account: str = ACCOUNT) -> str:
        """Let a page answer; it expects calls of the account. Answers its URL."""
        self.pages[path] = answer
        self.heads[path] = {"X-Amz-Pinpoint-AccountId": account} if account else {}
        return self.url(path)

    def told(self, name: str) -> list[Any]:
        """The events a function, or the bodies a page, was called with."""
        return [event for invoked, event in self.invoked if invoked == name]

    def _aws(self, asked: Asked) -> Said:
        if asked.path == "/recommendations":
            user_id = asked.json["userId"]
            self.recommended.append(user_id)
            items = self.items(user_id)
            return items if isinstance(items, Said) else Said(body={"itemList": [{"itemId": item} for item in items]})
        if asked.path.endswith("/dial-requests"):
            return self._answered(asked.path.split("/")[2], self.functions, asked)
        return self._answered(unquote(asked.path).split("/")[3], self.functions, asked)

    def _web(self, asked: Asked) -> Said:
        if asked.method == "HEAD":
            return Said(headers=self.heads.get(asked.path, {}))
        return self._answered(asked.path, self.pages, asked)

    def _answered(self, name: str, known: Mapping[str, Function], asked: Asked) -> Said:
        self.invoked.append((name, asked.json))
        if name not in known:
            return Said(404, {"Message": "no such function"}, {"x-amzn-ErrorType": "ResourceNotFoundException"})
        answer = known[name](asked.json)
        return answer if isinstance(answer, Said) else Said(body=answer)


@contextmanager
def outside_world(folder: Path) -> Iterator[Outside]:
    """All of it, running."""
    context, authority = self_signed(folder)
    with site() as aws, site(tls=context) as web:
        yield Outside(aws, web, authority)
