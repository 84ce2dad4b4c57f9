"""The inbound SMTP server against clients that behave, and clients that do not."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clarion.channels.email.inbound.listener import SIZE_LIMIT, Listener, tls_context
from clarion.core.errors import Invalid, Unavailable
from tests.channels.certificates import self_signed

OURS = "b+x@bounces.acme.test"


class Room:
    """Takes in what is for one address; fails as told, and can be made to wait."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.failure: Exception | None = None
        self.open = threading.Event()
        self.open.set()
        self.called = threading.Event()

    def accepts(self, address: str) -> bool:
        return address == OURS

    def take(self, recipients: Sequence[str], mail: bytes) -> None:
        self.called.set()
        assert self.open.wait(10)
        if self.failure is not None:
            raise self.failure
        self.mails.append((list(recipients), mail))


@contextmanager
def listening(room: Room, **options: Any) -> Iterator[Listener]:
    listener = Listener(room, host="127.0.0.1", port=0, name="bounces.acme.test", **options)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def client(listener: Listener) -> smtplib.SMTP:
    return smtplib.SMTP("localhost", listener.port, local_hostname="mx.example.test", timeout=10)


def raw(listener: Listener) -> socket.socket:
    return socket.create_connection(("127.0.0.1", listener.port), timeout=10)


def ended(connection: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    said = b""
    try:
        while data := connection.recv(4096):
            said += data
    except ConnectionResetError:
        pass
    return said


def talk_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"one more line\r\n")


def test_a_mail_for_us_is_taken_in_with_an_empty_sender() -> None:
    room = Room()
    with listening(room) as listener, client(listener) as smtp:
        assert smtp.sendmail("", [OURS], b"Subject: x\r\n\r\nbody\r\n") == {}
    assert room.mails == [([OURS], b"Subject: x\r\n\r\nbody\r\n")]


def test_what_is_for_nobody_here_is_refused_and_nothing_is_relayed() -> None:
    room = Room()
    with listening(room) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.sendmail("a@example.test", ["lea@elsewhere.test"], b"Subject: x\r\n\r\n")
        assert refused.value.recipients["lea@elsewhere.test"][0] == 550
        assert smtp.sendmail("a@example.test", [OURS, "no@acme.test"], b"x\r\n").keys() == {"no@acme.test"}
    assert [recipients for recipients, _ in room.mails] == [[OURS]]


@pytest.mark.parametrize("failure", [Unavailable("the database is away"), RuntimeError("a fault")])
def test_what_cannot_be_kept_stays_with_its_sender(failure: Exception) -> None:
    room = Room()
    room.failure = failure
    with listening(room) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("", [OURS], b"Subject: x\r\n\r\n")
        assert refused.value.smtp_code == 451
        room.failure = None
        smtp.sendmail("", [OURS], b"Subject: again\r\n\r\n")
    assert len(room.mails) == 1


def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    room = Room()
    room.open.clear()
    with listening(room) as listener, raw(listener) as connection:
        file = connection.makefile("rb")
        file.readline()
        for line in (b"HELO x", b"MAIL FROM:<>", b"RCPT TO:<" + OURS.encode() + b">", b"DATA"):
            connection.sendall(line + b"\r\n")
            assert file.readline()[:1] in b"23"
        connection.sendall(b"Subject: x\r\n\r\n.\r\n")
        assert room.called.wait(10)
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1, socket.MSG_PEEK)
        connection.settimeout(10)
        room.open.set()
        assert connection.recv(100).startswith(b"250")
    assert len(room.mails) == 1


def test_a_mail_of_ten_megabytes_is_taken_in_and_a_larger_one_is_not() -> None:
    room = Room()
    line = b"x" * 76 + b"\r\n"
    with listening(room) as listener, client(listener) as smtp:
        smtp.sendmail("", [OURS], b"Subject: x\r\n\r\n" + line * (10_000_000 // 78))
        with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as refused:
            smtp.sendmail("", [OURS], b"Subject: x\r\n\r\n" + line * (SIZE_LIMIT // 78 + 10))
        assert refused.value.smtp_code == 552
    assert [len(mail) > 9_900_000 for _, mail in room.mails] == [True]


def test_lines_of_a_mail_may_be_long_but_not_without_end() -> None:
    room = Room()
    with listening(room) as listener, client(listener) as smtp:
        smtp.sendmail("", [OURS], b"Subject: " + b"x" * 50_000 + b"\r\n\r\n")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("", [OURS], b"x" * 500_000 + b"\r\n")
        assert refused.value.smtp_code == 500
    assert len(room.mails) == 1


def test_a_mail_that_goes_in_a_circle_is_ended() -> None:
    room = Room()
    with listening(room) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("", [OURS], b"Received: by mx\r\n" * 60 + b"\r\nbody\r\n")
        assert (refused.value.smtp_code, room.mails) == (554, [])


def test_too_many_at_a_time_are_told_to_come_again() -> None:
    with listening(Room(), connections=3, connections_of_one=2) as listener:
        with client(listener), client(listener), raw(listener) as third:
            assert ended(third).startswith(b"421 ")
        with client(listener) as again:
            assert again.noop()[0] == 250


def test_a_silent_client_is_not_waited_for() -> None:
    with listening(Room(), idle_seconds=0.1) as listener, raw(listener) as connection:
        assert ended(connection).startswith(b"220 ")


def test_a_client_that_goes_on_for_ever_is_ended_however_busy() -> None:
    room = Room()
    with listening(room, session_seconds=0.3) as listener, raw(listener) as connection:
        connection.sendall(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<" + OURS.encode() + b">\r\nDATA\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe|abort"):
            talk_for_ever(connection)
    assert room.mails == []


def test_a_connection_reset_in_the_middle_leaves_nothing() -> None:
    room = Room()
    with listening(room) as listener:
        connection = raw(listener)
        connection.sendall(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<" + OURS.encode() + b">\r\nDATA\r\nSubject: x\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        with client(listener) as smtp:
            assert smtp.noop()[0] == 250
    assert room.mails == []


def test_garbage_and_long_lines_are_refused_and_the_session_ends() -> None:
    with listening(Room()) as listener, raw(listener) as connection:
        connection.sendall(b"\xff\x00GARBAGE\r\n" + b"x" * 5_000 + b"\r\n" + b"FOO\r\n" * 200)
        said = ended(connection)
        assert b"250" not in said
        assert said.count(b"\r\n5") >= 2


def test_encryption_is_offered_with_a_certificate(tmp_path: Path) -> None:
    room = Room()
    _, certificate = self_signed(tmp_path)
    with (
        listening(room, tls=tls_context(certificate, certificate.replace(".pem", ".key"))) as listener,
        client(listener) as smtp,
    ):
        smtp.ehlo()
        assert smtp.has_extn("starttls")
        smtp.starttls(context=ssl.create_default_context(cafile=certificate))
        smtp.ehlo()
        assert smtp.sendmail("", [OURS], b"Subject: x\r\n\r\n") == {}
    assert len(room.mails) == 1
    with pytest.raises(Invalid, match="inbound_smtp_certificate"):
        tls_context(str(tmp_path / "none.pem"), "")


def test_a_port_that_is_taken_is_an_error() -> None:
    with listening(Room()) as listener:
        second = Listener(Room(), host="127.0.0.1", port=listener.port, name="x")
        with pytest.raises(Unavailable, match="cannot listen"):
            second.start()
