"""The process that speaks one text with eSpeak NG: `python -P -m clarion.channels.voice.speech.child LIBRARY DATA`.

Standard input: a line of JSON (voices to try in turn, SSML or not), then the text. Standard output: PCM. What it has
to say goes to standard error, with exit code 2 for a voice that is not there. C code reads other people's texts here:
whatever it does, it does to this process only. eSpeak NG is GPL 3; nothing of it is loaded by Clarion itself.
"""

from __future__ import annotations

import ctypes
import json
import sys

from clarion.channels.voice.audio import at_telephone_rate
from clarion.channels.voice.speech.port import LONGEST_SECONDS

NO_VOICE = 2

_RETRIEVAL_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8, _SSML = 1, 0x10


def main(library: str, data: str) -> int:
    """Read, speak, write. Answers the exit code."""
    wanted = json.loads(sys.stdin.buffer.readline())
    text = sys.stdin.buffer.read()
    engine = ctypes.CDLL(library)
    rate = engine.espeak_Initialize(_RETRIEVAL_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
    if rate <= 0:
        sys.stderr.write("eSpeak NG did not start")
        return 1
    if not any(engine.espeak_SetVoiceByName(voice.encode()) == 0 for voice in wanted["voices"]):
        sys.stderr.write(f"no voice of {', '.join(wanted['voices'])}")
        return NO_VOICE
    # Breath is noise of a generator that starts with the time of day: the same text shall be the same sound.
    engine.espeak_ng_SetRandSeed(ctypes.c_long(1))
    spoken = _speak(engine, text, _UTF8 | (_SSML if wanted["ssml"] else 0), LONGEST_SECONDS * rate * 2)
    sys.stdout.buffer.write(at_telephone_rate(spoken, rate))
    return 0


def _speak(engine: ctypes.CDLL, text: bytes, flags: int, most: int) -> bytes:
    made = bytearray()

    def take(samples: int | None, count: int, events: int | None) -> int:
        if samples and count > 0:
            made.extend(ctypes.string_at(samples, count * 2))
        return int(len(made) >= most)

    called = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(take)
    engine.espeak_SetSynthCallback(called)
    whole = text + b"\0"
    engine.espeak_Synth(whole, ctypes.c_size_t(len(whole)), 0, 0, 0, flags, None, None)
    engine.espeak_Synchronize()
    return bytes(made[:most])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
