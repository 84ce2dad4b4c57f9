"""eSpeak NG from its wheel: what it makes is speech, by its spectrum."""

from __future__ import annotations

from array import array

import pytest

from clarion.channels.voice import audio
from clarion.channels.voice.speech.espeak import EspeakSpeech, voices
from clarion.channels.voice.speech.port import Script, SpeechFailed
from tests.channels.voice.sounds import level, loudness

ENGINE = EspeakSpeech()
HELLO = Script("Hello world, this is a test of speech.")


def test_speech_is_in_the_voice_band_and_comes_in_syllables() -> None:
    spoken = ENGINE.say(HELLO)
    assert 1.5 < audio.seconds(spoken) < 6
    parts = [spoken[start : start + 1_600] for start in range(0, len(spoken) - 1_600, 1_600)]
    loud = [loudness(part) for part in parts]
    assert max(loud) > 1_500
    assert min(loud) < max(loud) / 8
    voice = sum(level(spoken, hertz) ** 2 for hertz in range(100, 3_500, 20))
    above = sum(level(spoken, hertz) ** 2 for hertz in range(3_800, 3_990, 20))
    assert above < voice / 200


def test_what_is_said_and_who_says_it_is_heard() -> None:
    said = {ENGINE.say(HELLO), ENGINE.say(HELLO._replace(voice_id="Joanna")), ENGINE.say(HELLO._replace(text="Bye."))}
    said.add(ENGINE.say(HELLO._replace(language_code="de-DE")))
    assert len(said) == 4
    assert ENGINE.say(HELLO) in said


def test_breaks_and_rates_of_ssml_are_heard() -> None:
    plain = Script("<speak>Hello world</speak>", ssml=True)
    length = audio.seconds(ENGINE.say(plain))
    paused = ENGINE.say(plain._replace(text="<speak>Hello <break time='2s'/>world</speak>"))
    assert audio.seconds(paused) == pytest.approx(length + 2, abs=0.5)
    slow = ENGINE.say(plain._replace(text="<speak><prosody rate='50%'>Hello world</prosody></speak>"))
    assert audio.seconds(slow) > 1.3 * length
    silent = array("h", paused)
    longest = max(len(run) for run in "".join("." if abs(one) < 50 else "x" for one in silent).split("x"))
    assert longest > 1.8 * audio.RATE
    french = ENGINE.say(plain._replace(text="<speak><lang xml:lang='fr-FR'>Hello world</lang></speak>"))
    assert french != ENGINE.say(plain)


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        (HELLO, ["en-us+m3", "en+m3"]),
        (HELLO._replace(voice_id="AMY"), ["en-gb+f2", "en+f2"]),
        (HELLO._replace(voice_id="Unheard", language_code="cmn-CN"), ["cmn+f2", "cmn+f2"]),
        (HELLO._replace(language_code="fi-FI"), ["fi-fi", "fi"]),
        (HELLO._replace(voice_id="Aditi", language_code="hi-IN"), ["hi-in+f2", "hi+f2"]),
    ],
)
def test_amazons_voices_are_spoken_by_the_nearest(script: Script, wanted: list[str]) -> None:
    assert voices(script) == wanted


def test_a_language_that_only_the_engine_knows() -> None:
    assert ENGINE.say(Script("Hyvää päivää", language_code="fi-FI"))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script("hello", language_code="xx-YY"), "no voice for xx-YY"),
        (Script("hello", language_code="../../etc"), "no voice"),
        (Script("<speak></speak>", ssml=True), "nothing to say"),
    ],
)
def test_what_cannot_be_spoken_never_will_be(script: Script, reason: str) -> None:
    with pytest.raises(SpeechFailed, match=reason) as failed:
        ENGINE.say(script)
    assert failed.value.final


def test_an_engine_that_hangs_is_ended() -> None:
    with pytest.raises(SpeechFailed, match="not done within"):
        EspeakSpeech(patience=0.001).say(HELLO)


def test_bytes_that_end_texts_do_not_end_speech() -> None:
    assert len(ENGINE.say(Script("one\0 two three four"))) > len(ENGINE.say(Script("one")))
