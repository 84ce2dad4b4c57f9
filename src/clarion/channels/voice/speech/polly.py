"""Amazon Polly: SynthesizeSpeech through boto3, as PCM at 8 kHz. Source: Polly's API; spec of voice, 5 and 6."""

from __future__ import annotations

import threading
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from urllib3.exceptions import HTTPError

from clarion.channels import amazon
from clarion.channels.voice import ssml
from clarion.channels.voice.audio import RATE
from clarion.channels.voice.speech.port import LONGEST_SECONDS, Script, SpeechFailed
from clarion.channels.voice.voices import bilingual, plain, voice_for
from clarion.core.settings import Settings

_FINAL = frozenset(
    {
        "InvalidSsmlException",
        "TextLengthExceededException",
        "LanguageNotSupportedException",
        "EngineNotSupportedException",
        "ValidationException",
        "SsmlMarksNotSupportedForTextTypeException",
    }
)


class PollySpeech:
    """See `Speech`. The client is made when the first text comes."""

    name = "polly"

    def __init__(self, settings: Settings, *, read_timeout: float = 30.0) -> None:
        self._settings = settings
        self._read_timeout = read_timeout
        self._lock = threading.Lock()
        self._made: Any = None

    def say(self, script: Script) -> bytes:
        """See `Speech.say`."""
        try:
            answer = self._client().synthesize_speech(**wanted(script))
            with answer["AudioStream"] as stream:
                pcm: bytes = stream.read(LONGEST_SECONDS * RATE * 2)
        except ClientError as error:
            raise _failed(error) from error
        except NoCredentialsError as error:
            raise SpeechFailed("Polly: there are no credentials for AWS", credentials=True) from error
        except (BotoCoreError, HTTPError, OSError) as error:
            raise SpeechFailed(f"Polly: {type(error).__name__}") from error
        if not pcm:
            raise SpeechFailed("Polly: no sound came back")
        return pcm[: len(pcm) // 2 * 2]

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                config = Config(connect_timeout=5, read_timeout=self._read_timeout, retries={"total_max_attempts": 1})
                endpoint = self._settings.polly_endpoint_url
                self._made = amazon.connect(
                    self._settings, "polly", region="", endpoint=endpoint, role="", config=config
                )
            return self._made


def wanted(script: Script) -> dict[str, str]:
    """The members of SynthesizeSpeech. A language is named only where a voice has more than one, or is not known here:
    a wrong one is refused."""
    text = script.text if script.ssml else ssml.from_plain(script.text)
    members = {"OutputFormat": "pcm", "SampleRate": str(RATE), "TextType": "ssml", "Text": text}
    voice = voice_for(script.voice_id, script.language_code)
    if voice is None and not script.voice_id:
        raise SpeechFailed(f"Polly: no voice for {script.language_code}", final=True)
    if voice is None:
        return members | {"VoiceId": script.voice_id} | _language(script)
    members |= {"VoiceId": plain(voice.name).capitalize(), "Engine": "neural" if voice.neural else "standard"}
    return members | (_language(script) if bilingual(voice) else {})


def _language(script: Script) -> dict[str, str]:
    return {"LanguageCode": script.language_code} if script.language_code else {}


def _failed(error: ClientError) -> SpeechFailed:
    said = amazon.refused(error)
    return SpeechFailed(f"Polly: {said.code or 'refused'}", final=said.code in _FINAL, credentials=said.is_locked_out)
