"""What a direct message says to one target, a module for each channel.

local    the words of a template in the language of each recipient
port     what the round asks of any channel's words
email, push, sms, voice   highest first: the target's own, the channel's message, the template, the default message
"""

from clarion.domain.messaging.direct.words.email import EmailWords
from clarion.domain.messaging.direct.words.local import LocalWords, local
from clarion.domain.messaging.direct.words.port import Named, Nothing, Target, Words, check_overrides
from clarion.domain.messaging.direct.words.push import PushWords
from clarion.domain.messaging.direct.words.sms import SmsWords
from clarion.domain.messaging.direct.words.voice import VoiceWords

__all__ = [
    "EmailWords",
    "LocalWords",
    "Named",
    "Nothing",
    "PushWords",
    "SmsWords",
    "Target",
    "VoiceWords",
    "Words",
    "check_overrides",
    "local",
]
