"""What providers call of their own accord: `/providers/{name}`, answered by what the provider's kind makes of it."""

from __future__ import annotations

import threading

from clarion.channels.provider import Webhook
from clarion.core.errors import NotFound
from clarion.domain.messaging.providers.carriers import Around
from clarion.domain.messaging.providers.service import Providers
from clarion.domain.messaging.providers.store import ProviderRow
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

PREFIX = "/providers"


class Webhooks:
    """Finds the provider by its name. A disabled one is answered too: messages it took may still be on their way."""

    def __init__(self, providers: Providers, around: Around) -> None:
        self._providers = providers
        self._around = around
        self._lock = threading.Lock()
        self._made: dict[str, tuple[ProviderRow, Webhook]] = {}

    def route(self) -> PlainRoute:
        """Where to mount it."""
        return PlainRoute(PREFIX, self.answer, methods=("GET", "HEAD", "POST"))

    def answer(self, request: PlainRequest) -> Response:
        """Raises NotFound for names of nobody and for providers that call nobody."""
        name = request.path.removeprefix(PREFIX).lstrip("/").partition("/")[0]
        return self._webhook(name)(request)

    def _webhook(self, name: str) -> Webhook:
        row = self._providers.get(name)
        with self._lock:
            kept = self._made.get(name)
        # The whole row: of a provider that was removed and added again the version begins anew.
        if kept is not None and kept[0] == row:
            return kept[1]
        configured = self._providers.opened(row)
        if configured.kind.webhook is None:
            raise NotFound(f"provider {name} calls nobody")
        made = configured.kind.webhook(configured.config, self._around(name))
        with self._lock:
            self._made[name] = (row, made)
        return made
