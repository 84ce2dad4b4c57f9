"""Which engine speaks, and speech that is kept: a text that many are told is spoken once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from clarion.channels.voice.audio import RATE
from clarion.channels.voice.speech.espeak import EspeakSpeech
from clarion.channels.voice.speech.port import LONGEST_SECONDS, Script, Speech
from clarion.core.errors import Invalid
from clarion.core.settings import Settings

KEPT_BYTES = 32 * 1024 * 1024
"""35 minutes of speech."""


class Spoken:
    """An engine that remembers what it said last, `most` bytes of it. Whoever asks for the same text at the same time
    waits for the one run; a failure is not remembered."""

    def __init__(self, engine: Speech, *, most: int = KEPT_BYTES) -> None:
        self.name = engine.name
        self._engine = engine
        self._most = most
        self._kept: OrderedDict[Script, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._running: dict[Script, threading.Lock] = {}

    def say(self, script: Script) -> bytes:
        """See `Speech.say`."""
        with self._lock:
            if (kept := self._recall(script)) is not None:
                return kept
            turn = self._running.setdefault(script, threading.Lock())
        with turn:
            with self._lock:
                if (kept := self._recall(script)) is not None:
                    return kept
            try:
                pcm = self._engine.say(script)[: LONGEST_SECONDS * RATE * 2]
            finally:
                with self._lock:
                    self._running.pop(script, None)
            with self._lock:
                self._keep(script, pcm)
            return pcm

    def _recall(self, script: Script) -> bytes | None:
        kept = self._kept.get(script)
        if kept is not None:
            self._kept.move_to_end(script)
        return kept

    def _keep(self, script: Script, pcm: bytes) -> None:
        if len(pcm) > self._most or script in self._kept:
            return
        self._kept[script] = pcm
        self._size += len(pcm)
        while self._size > self._most:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone)


def engine(settings: Settings) -> Speech:
    """The engine that `voice_speech` names. Raises Invalid naming the setting."""
    if settings.voice_speech == "espeak":
        return Spoken(EspeakSpeech())
    if settings.voice_speech == "polly":
        from clarion.channels.voice.speech.polly import PollySpeech  # loads boto3

        return Spoken(PollySpeech(settings))
    raise Invalid("settings: voice_speech must be one of espeak, polly")
