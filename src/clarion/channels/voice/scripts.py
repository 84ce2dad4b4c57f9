"""A message's words, ready to be spoken."""

from __future__ import annotations

import asyncio

from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.voice import ssml
from clarion.channels.voice.speech.port import Script, Speech, SpeechFailed


def script_of(message: VoiceOutgoing) -> Script:
    """What is to be said. Raises BadSsml."""
    marked = message.body_type == "SSML"
    if marked:
        ssml.parse(message.body)
    return Script(message.body, marked, message.language_code, message.voice_id)


async def speak(speech: Speech, message: VoiceOutgoing) -> bytes | Outcome:
    """The message as PCM, or why it cannot be spoken. What ails the engine ails the provider: no message suffers."""
    try:
        return await asyncio.to_thread(speech.say, script_of(message))
    except ssml.BadSsml as error:
        return Outcome("permanent", str(error))
    except SpeechFailed as error:
        if error.final:
            return Outcome("permanent", error.reason)
        return Outcome("temporary", error.reason, blame="credentials" if error.credentials else "provider")
