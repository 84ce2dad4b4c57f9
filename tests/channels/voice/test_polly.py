"""Amazon Polly over a server that speaks as it does, and over moto's; and speech that is kept."""

from __future__ import annotations

import threading
from array import array
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from clarion.channels.voice.speech import spoken
from clarion.channels.voice.speech.polly import PollySpeech
from clarion.channels.voice.speech.port import Script, SpeechFailed
from clarion.channels.voice.speech.spoken import Spoken
from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from tests.channels.calls.peers import Said, site

PCM = array("h", range(-400, 400)).tobytes()
HELLO = Script("Fish & chips")


def polly(url: str, **more: Any) -> PollySpeech:
    given = {"callout_access_key_id": "AKID", "callout_secret_access_key": "secret", "callout_region": "eu-west-1"}
    return PollySpeech(Settings(polly_endpoint_url=url, **given), **more)


@pytest.mark.parametrize(
    ("script", "members"),
    [
        (HELLO, {"Text": "<speak>Fish &amp; chips</speak>", "VoiceId": "Matthew", "Engine": "standard"}),
        (HELLO._replace(voice_id="CELINE"), {"VoiceId": "Celine", "Engine": "standard"}),
        (HELLO._replace(voice_id="Olivia", language_code="en-AU"), {"VoiceId": "Olivia", "Engine": "neural"}),
        (HELLO._replace(language_code="de-DE"), {"VoiceId": "Marlene"}),
        (HELLO._replace(voice_id="Aditi", language_code="hi-IN"), {"VoiceId": "Aditi", "LanguageCode": "hi-IN"}),
        (HELLO._replace(voice_id="Danielle"), {"VoiceId": "Danielle"}),
        (Script("<speak>x<break/></speak>", ssml=True), {"Text": "<speak>x<break/></speak>"}),
    ],
)
def test_what_polly_is_asked(script: Script, members: dict[str, str]) -> None:
    with site(lambda asked: Said(body=PCM, headers={"Content-Type": "audio/pcm"})) as peer:
        assert polly(peer.url("")).say(script) == PCM
    (asked,) = peer.asked
    assert asked.path == "/v1/speech"
    assert "/eu-west-1/polly/" in asked.headers["Authorization"]
    told = {"OutputFormat": "pcm", "SampleRate": "8000", "TextType": "ssml", **members}
    assert asked.json.items() >= told.items()
    assert ("LanguageCode" in asked.json) == ("LanguageCode" in members)


def said(status: int, code: str) -> Said:
    return Said(status, {"message": "no"}, {"x-amzn-ErrorType": code})


@pytest.mark.parametrize(
    ("answer", "final", "credentials"),
    [
        (said(400, "InvalidSsmlException"), True, False),
        (said(400, "TextLengthExceededException"), True, False),
        (said(403, "AccessDeniedException"), False, True),
        (said(403, "ExpiredTokenException"), False, True),
        (said(429, "ThrottlingException"), False, False),
        (said(500, "ServiceFailureException"), False, False),
        (Said(502, b"<html>bad gateway"), False, False),
        (Said(200, b""), False, False),
    ],
)
def test_what_polly_refuses(answer: Said, final: bool, credentials: bool) -> None:
    with site(lambda asked: answer) as peer, pytest.raises(SpeechFailed) as failed:
        polly(peer.url("")).say(HELLO)
    assert (failed.value.final, failed.value.credentials) == (final, credentials)
    assert "secret" not in failed.value.reason


def test_a_polly_that_is_away_or_hangs_is_asked_again_later() -> None:
    with site() as gone:
        pass
    with pytest.raises(SpeechFailed, match="EndpointConnectionError") as failed:
        polly(gone.url("")).say(HELLO)
    assert not failed.value.final
    done = threading.Event()
    with site(lambda asked: Said(200 + done.wait(20))) as peer:
        with pytest.raises(SpeechFailed, match="Timeout"):
            polly(peer.url(""), read_timeout=0.2).say(HELLO)
        done.set()


def test_a_language_that_polly_does_not_speak() -> None:
    with pytest.raises(SpeechFailed, match="no voice for fi-FI") as failed:
        polly("http://127.0.0.1:9").say(HELLO._replace(language_code="fi-FI"))
    assert failed.value.final


def test_motos_polly_takes_what_we_ask() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        assert polly(f"http://{host}:{port}").say(HELLO)
    finally:
        server.stop()


class Engine:
    """Says its text's bytes; counts."""

    name = "counted"

    def __init__(self) -> None:
        self.said: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def say(self, script: Script) -> bytes:
        self.said.append(script.text)
        assert self.go.wait(10)
        if script.text == "fail":
            raise SpeechFailed("no")
        return script.text.encode()


def test_a_text_is_spoken_once_and_the_oldest_goes() -> None:
    engine = Engine()
    kept = Spoken(engine, most=8)
    assert [kept.say(Script(text)) for text in ("aaaa", "bbbb", "aaaa")] == [b"aaaa", b"bbbb", b"aaaa"]
    assert engine.said == ["aaaa", "bbbb"]
    kept.say(Script("cccc"))
    kept.say(Script("aaaa"))
    assert engine.said == ["aaaa", "bbbb", "cccc"]
    kept.say(Script("bbbb"))
    kept.say(Script("too long to keep"))
    kept.say(Script("too long to keep"))
    assert engine.said[3:] == ["bbbb", "too long to keep", "too long to keep"]
    kept.say(Script("bbbb", voice_id="Amy"))
    assert engine.said[-1] == "bbbb"


def test_who_asks_for_the_same_at_once_waits_for_one_run() -> None:
    engine = Engine()
    engine.go.clear()
    kept = Spoken(engine)
    found: list[bytes] = []
    asking = [threading.Thread(target=lambda: found.append(kept.say(Script("x")))) for _ in range(4)]
    for thread in asking:
        thread.start()
    engine.go.set()
    for thread in asking:
        thread.join(10)
    assert (found, engine.said) == ([b"x"] * 4, ["x"])


def test_a_failure_is_not_kept() -> None:
    engine = Engine()
    kept = Spoken(engine)
    for _ in range(2):
        with pytest.raises(SpeechFailed):
            kept.say(Script("fail"))
    assert engine.said == ["fail", "fail"]


def test_the_engine_is_a_setting() -> None:
    assert spoken.engine(Settings()).name == "espeak"
    assert spoken.engine(Settings(voice_speech="polly")).name == "polly"
    with pytest.raises(Invalid, match="voice_speech"):
        spoken.engine(Settings(voice_speech="nobody"))
