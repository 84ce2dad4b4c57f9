"""The port of engines that speak."""

from __future__ import annotations

from typing import NamedTuple, Protocol

LONGEST_SECONDS = 300
"""What is longer is cut off. Source: spec of voice, 2."""


class Script(NamedTuple):
    """What is to be said: plain text, or a whole SSML document that `ssml.parse` has let through.

    `language_code` and `voice_id` are Amazon Polly's; "" leaves them to the engine.
    """

    text: str
    ssml: bool = False
    language_code: str = ""
    voice_id: str = ""


class SpeechFailed(Exception):
    """Nothing was spoken. `final`: it never will be, the fault is the script's; `credentials`: we were not let in."""

    def __init__(self, reason: str, *, final: bool = False, credentials: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.credentials = credentials


class Speech(Protocol):
    """Something that speaks. `name` is what `voice_speech` calls it."""

    name: str

    def say(self, script: Script) -> bytes:
        """The script as PCM: 8,000 samples a second, 16 bit, one channel. Blocks; may be called by several threads.

        Raises SpeechFailed.
        """
        ...
