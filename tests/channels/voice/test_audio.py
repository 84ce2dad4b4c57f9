"""Samples: G.711 against the standard library's own, and the way down to 8 kHz by its spectrum."""

from __future__ import annotations

import math
import warnings
from array import array

import pytest

from clarion.channels.voice import audio
from tests.channels.voice.sounds import level, tone

EVERY = array("h", range(-32_768, 32_768)).tobytes()


@pytest.mark.parametrize(("payload_type", "name"), [(audio.PCMU, "lin2ulaw"), (audio.PCMA, "lin2alaw")])
def test_every_sample_is_coded_as_audioop_codes_it(payload_type: int, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="Python 3.13 has no audioop")
    assert audio.encoded(EVERY, payload_type) == getattr(audioop, name)(EVERY, 2)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100])
def test_tones_of_the_telephone_band_stay_what_they_are(rate: int) -> None:
    for hertz in (300, 1_000, 3_000):
        made = audio.at_telephone_rate(tone(hertz, rate), rate)
        assert len(made) // 2 == pytest.approx(audio.RATE // 2, abs=1)
        assert level(made, hertz) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("hertz", [4_600, 5_000, 7_000])
def test_what_is_above_four_kilohertz_does_not_come_back_below(hertz: int) -> None:
    made = audio.at_telephone_rate(tone(hertz, 22_050), 22_050)
    assert 20 * math.log10(level(made, 8_000 - hertz) + 1e-9) < -50


def test_half_a_sample_is_dropped() -> None:
    assert audio.encoded(b"\0\0\0", audio.PCMU) == b"\xff"
    assert audio.at_telephone_rate(b"\1\2", audio.RATE) == b"\1\2"
