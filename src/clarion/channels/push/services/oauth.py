"""Access tokens for a while: fetched when one is needed, once for all who wait, and again when it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from clarion.channels.port import Outcome
from clarion.channels.push.services import answers
from clarion.channels.push.services.http2 import Answer, Http2, Unanswered
from clarion.core.clock import Clock

_EARLY_SECONDS = 300
_SULK_MS = 5_000


class AccessToken:
    """One service's. `form()` is what the token endpoint is asked with.

    A failure is remembered for five seconds, so that a batch does not ask a thousand times.
    """

    def __init__(self, http: Http2, url: str, clock: Clock) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._token = ""
        self._until_ms = 0
        self._failed: tuple[int, Outcome] | None = None
        self._asking: asyncio.Task[str] | None = None

    def form(self) -> Mapping[str, str]:
        """The request for a token. Overridden by each service's."""
        raise NotImplementedError

    async def get(self) -> str:
        """A token that is good. Raises Unanswered for the whole batch when there is none."""
        now = self._clock.now_ms()
        if self._token and now < self._until_ms:
            return self._token
        if self._failed is not None and now < self._failed[0]:
            raise Unanswered(self._failed[1], all_of_them=True)
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def forget(self) -> None:
        """Begin anew: what failed is tried again."""
        self._failed = None

    def refused(self, token: str) -> None:
        """The service does not take this token any more: the next `get` is for another one."""
        if token == self._token:
            self._token = ""

    def _asked(self, task: asyncio.Task[str]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # whoever waited has it

    async def _ask(self) -> str:
        outcome = None
        try:
            headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
            answer = await self._http.post(self._url, headers, urlencode(self.form()).encode())
            found = answers.members(answer.body)
            token, seconds = answers.word(found, "access_token"), found.get("expires_in")
            if answer.status == 200 and token and token.isascii() and token.isprintable():
                life = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0 else 3_600
                self._token = token
                self._until_ms = self._clock.now_ms() + 1_000 * max(life - _EARLY_SECONDS, life // 2)
                return token
            outcome = _refusal(answer)
        except Unanswered as error:
            # No message has left: asking for a token twice does no harm.
            outcome = Outcome("temporary", f"no access token: {error.outcome.detail}", blame="provider")
        self._failed = (self._clock.now_ms() + _SULK_MS, outcome)
        raise Unanswered(outcome, all_of_them=True)


def _refusal(answer: Answer) -> Outcome:
    found = answers.members(answer.body)
    said = ": ".join(filter(None, (answers.word(found, "error"), answers.word(found, "error_description"))))
    line, wait = answers.detail(answer.status, f"no access token: {said}"), answers.retry_after_ms(answer.headers)
    if answer.status == 429:
        return Outcome("throttled", line, blame="provider", retry_after_ms=wait)
    if 400 <= answer.status < 500 and found:
        return Outcome("temporary", line, answers.text(answer.body), blame="credentials")
    return Outcome("temporary", line, blame="provider", retry_after_ms=wait)
