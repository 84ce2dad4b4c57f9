"""Samples of the telephone: 8,000 a second, 16 bit, one channel, little-endian ("PCM"), and their coding in G.711.

Of what an engine makes at another rate nothing above 4 kHz may be left, or it would come back as noise below.
"""

from __future__ import annotations

import math
import sys
from array import array
from functools import cache
from operator import mul

RATE = 8_000
FRAME_SECONDS = 0.020
FRAME = 160
"""Samples in a frame of 20 ms, the packet size of G.711."""

PCMU, PCMA = 0, 8
"""Payload types of G.711 in RTP: µ-law and A-law. Source: RFC 3551, 6."""

SILENCE = {PCMU: b"\xff", PCMA: b"\xd5"}
"""A silent sample, coded."""

_BIAS, _CLIP = 33, 8_158
_TAPS = 64
_BETA = 5.0
_CUTOFF_HZ = 3_700


def encoded(pcm: bytes, payload_type: int) -> bytes:
    """PCM in G.711, a byte a sample. Source: ITU-T G.711."""
    table = _table(payload_type)
    return bytes(map(table.__getitem__, _samples(pcm, "H")))


def seconds(pcm: bytes) -> float:
    """How long PCM lasts."""
    return len(pcm) / 2 / RATE


def at_telephone_rate(pcm: bytes, rate: int) -> bytes:
    """16-bit samples at `rate` Hz as PCM at 8 kHz: low-pass by a windowed sinc, then every sample that is needed."""
    if rate == RATE:
        return pcm
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    filters = _filters(up, rate)
    width = len(filters[0])
    silence = [0.0] * (width // 2)
    given = [*silence, *_samples(pcm, "h"), *silence]
    made = array("h")
    for number in range((len(given) - width + 1) * up // down):
        start, phase = divmod(number * down, up)
        value = round(sum(map(mul, filters[phase], given[start : start + width])))
        made.append(min(max(value, -32_768), 32_767))
    return _bytes(made)


@cache
def _filters(up: int, rate: int) -> list[list[float]]:
    """The low-pass filter at each of the `up` places that an output sample may have between two input samples."""
    half = max(1, round(_TAPS * rate / 22_050) // 2)
    cutoff = min(_CUTOFF_HZ, 0.46 * rate) / rate * 2
    found = []
    for phase in range(up):
        places = [tap - half - phase / up for tap in range(2 * half + 1)]
        taps = [cutoff * _sinc(cutoff * place) * _kaiser(place / (half + 1)) for place in places]
        whole = sum(taps)
        found.append([tap / whole for tap in taps])
    return found


def _sinc(place: float) -> float:
    return math.sin(math.pi * place) / (math.pi * place) if place else 1.0


def _kaiser(place: float) -> float:
    inside = 1 - place * place
    return _bessel(_BETA * math.sqrt(inside)) / _bessel(_BETA) if inside > 0 else 0.0


def _bessel(value: float) -> float:
    term = total = 1.0
    for step in range(1, 30):
        term *= (value / (2 * step)) ** 2
        total += term
    return total


@cache
def _table(payload_type: int) -> bytes:
    """Every 16-bit sample coded, by its bits."""
    code = _ulaw if payload_type == PCMU else _alaw
    return bytes(code(bits - 65_536 if bits >= 32_768 else bits) for bits in range(65_536))


def _ulaw(sample: int) -> int:
    sample >>= 2
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, _CLIP) + _BIAS
    exponent = size.bit_length() - 6
    return ~(sign | exponent << 4 | size >> (exponent + 1) & 0x0F) & 0xFF


def _alaw(sample: int) -> int:
    # Negative samples in ones' complement: -1 is the smallest step below zero, as +0 is above.
    sign, size = (0, ~sample) if sample < 0 else (0x80, sample)
    exponent = max(0, size.bit_length() - 8)
    mantissa = size >> (exponent + 3 if exponent else 4) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def _samples(pcm: bytes, kind: str) -> array[int]:
    found = array(kind)
    found.frombytes(pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _bytes(samples: array[int]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
