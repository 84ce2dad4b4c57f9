"""Sounds for tests: tones, and how loud a frequency is in PCM."""

from __future__ import annotations

import math
from array import array

LOUD = 20_000


def tone(hertz: float, rate: int, seconds: float = 0.5) -> bytes:
    """A sine, 16 bit."""
    step = 2 * math.pi * hertz / rate
    return array("h", [round(LOUD * math.sin(step * number)) for number in range(int(rate * seconds))]).tobytes()


def level(pcm: bytes, hertz: float, rate: int = 8_000) -> float:
    """How strong a frequency is, 1.0 being a `tone` (Goertzel); the edges are left out."""
    samples = array("h", pcm)[200:-200]
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples) / LOUD


def loudness(pcm: bytes) -> float:
    """The root of the mean square."""
    samples = array("h", pcm)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) if samples else 0.0
