"""A `clarion serve` of its own process, and what a user holds in hand to talk to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.config
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.processes import Clarion, run

REGION = "eu-central-1"
START_SECONDS = 60
UNKNOWN_KEY = "The security token included in the request is invalid."


class Worker:
    """A running `clarion worker`."""

    def __init__(self, data: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        self.process = Clarion(["worker", "--data", str(data), *arguments], _environ(environ))
        first = self.process.output.readline()
        assert first == "working\n", first + self.process.output.read()

    def stop(self) -> tuple[int, str]:
        """SIGTERM: exit code, and what it said."""
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._ended()

    def _ended(self) -> tuple[int, str]:
        with self.process.output as lines:
            said = lines.read()
        return self.process.wait(30), said


class Server:
    """One running server on a folder; `stop` ends it politely, `kill` does not. `fresh`: see `tests.processes`."""

    def __init__(
        self, data: Path, *arguments: str, environ: Mapping[str, str] | None = None, fresh: bool = False
    ) -> None:
        self.data = data
        self._fresh = fresh
        self._arguments = arguments
        self._environ = _environ(environ)
        self.output: list[str] = []
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._keys: dict[tuple[str, str], tuple[str, str]] = {}
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start the process and wait for its `listening on` line."""
        arguments = ["serve", "--port", "0", "--data", str(self.data), *self._arguments]
        self.process = Clarion(arguments, self._environ, fresh=self._fresh)
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()
        if not ready.wait(START_SECONDS) or not self.url:
            self.process.kill()
            raise AssertionError("the server did not start:\n" + "\n".join(self.output[-50:]))

    def _read(self, ready: threading.Event) -> None:
        with self.process.output as lines:
            for line in lines:
                self.output.append(line.rstrip())
                if line.startswith("listening on "):
                    self.url = line.split()[-1].rstrip("/")
                    ready.set()
        ready.set()

    def stop(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self._ended()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        code = self.process.wait(30)
        self._reader.join(10)
        return code

    def end(self) -> None:
        """Stop it whatever state it is in; a server that does not end by itself is a failure."""
        if self.process.poll() is not None:
            return
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not stop:\n" + "\n".join(self.output[-50:])) from None
        assert not [line for line in self.output if "pump_still_busy" in line], self.output[-50:]

    def restart(self) -> None:
        """Start again on the same folder."""
        self.url = ""
        self.start()

    def client(
        self, service: str = "pinpoint", *, key: tuple[str, str] = ("AKIDROOT", "root-secret"), **config: Any
    ) -> Any:
        """An unmodified boto3 client of this server; the same one for the same arguments, since making it is slow."""
        wanted = (self.url, service, key, *sorted(config.items()))
        if wanted not in self._clients:
            self._clients[wanted] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=config.pop("region", REGION),
                aws_access_key_id=key[0],
                aws_secret_access_key=key[1],
                aws_session_token=config.pop("token", None),
                config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False, **config),
            )
        return self._clients[wanted]

    def control(
        self, method: str, path: str, body: object = None, *, key: tuple[str, str] = ("AKIDROOT", "root-secret")
    ) -> Any:
        """A signed call of the control API; answers the parsed body, raises AssertionError for an error status."""
        status, answer = self.raw(method, f"/clarion/v1/{path}", body, key=key)
        assert status < 300, (status, answer)
        return answer

    def raw(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: tuple[str, str] | None = ("AKIDROOT", "root-secret"),
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Any HTTP call, signed unless `key` is None: status and body (parsed when it is JSON)."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        request = AWSRequest(method=method, url=self.url + path, data=data, headers=sent)
        if key is not None:
            SigV4Auth(Credentials(*key), "mobiletargeting", REGION).add_auth(request)
        prepared = request.prepare()
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, prepared.url.removeprefix(self.url), body=data, headers=dict(prepared.headers))
            answer = connection.getresponse()
            return answer.status, _parsed(answer.read())
        finally:
            connection.close()

    def key(self, role: str, *, account: str = "000000000001", app: str | None = None) -> tuple[str, str]:
        """An access key made by `clarion keys create` beside the running server, which knows it already.

        Asked again for the same role and account it answers the same key, except for one of a project.
        """
        if app is None and (role, account) in self._keys:
            return self._keys[role, account]
        command = ["keys", "create", "--account", account, "--role", role, "--json", "--data", str(self.data)]
        if "--state" in self._arguments:
            command += ["--state", self._arguments[self._arguments.index("--state") + 1]]
        made = json.loads(self.clarion(*command, *(["--app", app] if app else [])).stdout)
        key = (made["AccessKeyId"], made["SecretAccessKey"])
        eventually(lambda: self.raw("GET", "/v1/apps", key=key)[1].get("Message") != UNKNOWN_KEY)
        if app is None:
            self._keys[role, account] = key
        return key

    def clarion(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `clarion` command with this server's environment; raises AssertionError unless it succeeds."""
        done = run(arguments, self._environ)
        assert done.returncode == 0, done.stderr or done.stdout
        return done

    def settle(self) -> None:
        """Everything accepted is queryable, every due job has run."""
        self.control("POST", "settle")

    def advance(self, duration: str) -> str:
        """Move a virtual clock; answers the new time."""
        return str(self.control("POST", "clock", {"Advance": duration})["Now"])

    def inbox(self, app: str, **filters: str) -> list[dict[str, Any]]:
        """Every message of an app in the local inbox, newest first."""
        query = "&".join(f"{name}={value}" for name, value in {"ApplicationId": app, **filters}.items())
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = self.control("GET", f"inbox?{query}" + (f"&NextToken={token}" if token else ""))
            found += page["Messages"]
            token = page.get("NextToken")
            if not token:
                return found


def _environ(more: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of a process under test: nothing of ours but the root key."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CLARION_", "AWS_"))},
        "CLARION_ACCESS_KEY_ID": "AKIDROOT",
        "CLARION_SECRET_ACCESS_KEY": "root-secret",
        "PYTHONUNBUFFERED": "1",
        **(more or {}),
    }


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def eventually(probe: Any, seconds: float = 20.0) -> Any:
    """The first truthy answer of `probe`; for what another process does in its own time."""
    end = time.monotonic() + seconds
    while True:
        if answer := probe():
            return answer
        if time.monotonic() > end:
            raise AssertionError("did not happen in time")
        time.sleep(0.05)


def aws(server: Server, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The AWS CLI, unmodified, pointed at the server by environment alone."""
    command = [sys.executable, "-m", "awscli", *arguments]
    return subprocess.run(command, env=aws_environ(server), capture_output=True, text=True, timeout=60, check=False)


def aws_environ(server: Server) -> dict[str, str]:
    """What leads an AWS program to the server."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(server.data),
        "AWS_ENDPOINT_URL_PINPOINT": server.url,
        "AWS_ACCESS_KEY_ID": "AKIDROOT",
        "AWS_SECRET_ACCESS_KEY": "root-secret",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
    }
