"""Push services on loopback in a thread of their own, and browsers that can be pushed to."""

from __future__ import annotations

import asyncio
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.channels.push.authority import authority
from tests.channels.push.fake import Answer, Asked, PushService, Reply

GRANTED = json.dumps({"access_token": "access-1", "expires_in": 3600, "token_type": "Bearer"})


class Services:
    """All push services at `url`. `answers` by browser name or FCM token, else a success; Apple knows no device."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, Answer] = {}
        self.service = PushService(self.answered)

    def answered(self, asked: Asked) -> Answer:
        """What one request gets."""
        if asked.path == "/token":
            return Reply(body=GRANTED)
        if asked.path.startswith("/browser/"):
            return self.answers.get(asked.path.removeprefix("/browser/"), Reply(201))
        if asked.path.startswith("/3/device/"):
            return Reply(400, '{"reason":"BadDeviceToken"}')
        message = json.loads(asked.body)
        token = message["message"]["token"]
        return self.answers.get(token, Reply(body='{"name":"projects/acme-shop/messages/m-1"}'))

    def pushed(self, browser: Browser) -> list[Any]:
        """What a browser got, decrypted."""
        bodies = [asked.body for asked in self.service.asked if asked.path == f"/browser/{browser.name}"]
        return [json.loads(browser.decrypt(body)) for body in bodies]


class Browser:
    """One that subscribed with the push service there."""

    def __init__(self, services: Services, name: str) -> None:
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"sixteen bytes..!"
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _base64(point), "auth": _base64(self._auth)}
        endpoint = f"{services.url}/browser/{name}"
        self.address = json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def decrypt(self, body: bytes) -> bytes:
        """What was encrypted for this browser."""
        found: bytes = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return found


@contextmanager
def push_services(folder: Path) -> Iterator[Services]:
    """Running ones."""
    services, ready = Services(), threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with services.service.serve(authority().server(folder)) as url:
            services.url = url
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield services
    loop.call_soon_threadsafe(over.set)
    thread.join(20)
    loop.close()


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
