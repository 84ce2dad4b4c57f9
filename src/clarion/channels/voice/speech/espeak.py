"""eSpeak NG: speech on this machine, in a hundred languages, without a service and without a model to fetch.

The wheel `espeakng-loader` carries the library and its data. Every text has a process of its own (`child`), so that
what a library written in C does with other people's texts it does to nobody else. Amazon's voices have no counterpart:
language and sex are kept, and voices of one language differ.
"""

from __future__ import annotations

import json
import subprocess
import sys

from clarion.channels.voice import ssml
from clarion.channels.voice.audio import FRAME
from clarion.channels.voice.speech.child import NO_VOICE
from clarion.channels.voice.speech.port import Script, SpeechFailed
from clarion.channels.voice.voices import DEFAULT_LANGUAGE, voice_for

PATIENCE_SECONDS = 60.0
_LANGUAGES = {"arb": "ar", "en-au": "en-gb", "en-in": "en-gb", "en-nz": "en-gb", "en-za": "en-gb", "en-gb-wls": "en-gb"}
_LANGUAGES |= {"es-us": "es-419", "es-mx": "es-419", "nb-no": "nb", "cmn-cn": "cmn", "cy-gb": "cy", "fr-ca": "fr"}
_FEMALE = ("f2", "f3", "f4", "f1", "f5")
_MALE = ("m3", "m2", "m1", "m7", "m4")


class EspeakSpeech:
    """See `Speech`."""

    name = "espeak"

    def __init__(self, *, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience

    def say(self, script: Script) -> bytes:
        """See `Speech.say`."""
        text = ssml.for_espeak(ssml.parse(script.text)) if script.ssml else script.text.replace("\0", " ")
        told = json.dumps({"voices": voices(script), "ssml": script.ssml}).encode()
        try:
            done = subprocess.run(
                _command(),
                input=told + b"\n" + text.encode("utf-8", "replace"),
                capture_output=True,
                timeout=self._patience,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SpeechFailed(f"eSpeak NG: not done within {self._patience:g} s", final=True) from error
        except OSError as error:
            raise SpeechFailed(f"eSpeak NG cannot be started: {error}") from error
        if done.returncode == NO_VOICE:
            raise SpeechFailed(f"eSpeak NG: no voice for {script.language_code or script.voice_id}", final=True)
        if done.returncode:
            raise SpeechFailed(f"eSpeak NG: exit code {done.returncode}", final=True)
        if len(done.stdout) < 2 * FRAME:
            raise SpeechFailed("eSpeak NG: there is nothing to say", final=True)
        return done.stdout


def voices(script: Script) -> list[str]:
    """The engine's voices for a script, the best first."""
    voice = voice_for(script.voice_id, script.language_code) or voice_for("", script.language_code)
    language = (voice.language if voice else script.language_code or DEFAULT_LANGUAGE).lower()
    names = [_LANGUAGES.get(language, language), language.split("-")[0]]
    if voice is None:
        return names
    variants = _FEMALE if voice.sex == "f" else _MALE
    return [f"{name}+{variants[voice.number % len(variants)]}" for name in names]


def _command() -> list[str]:
    import espeakng_loader

    module = "clarion.channels.voice.speech.child"
    paths = [espeakng_loader.get_library_path(), espeakng_loader.get_data_path()]
    return [sys.executable, "-P", "-m", module, *paths]
