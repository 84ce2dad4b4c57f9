"""Content: what a message says before it is known to whom, and its rendering for one recipient.

rendering   the port `Content`, recipients, the order in which variables are looked up
email, push, sms, voice, custom   one form of content for each lane
localised   the content in the language of each recipient
composing   content by channel type, from templates and the messages written beside them
raw         JSON whose strings are templates
"""

from clarion.domain.messaging.content.composing import Composer, Said
from clarion.domain.messaging.content.custom import CustomContent
from clarion.domain.messaging.content.email import EmailContent, EmailParts, header_pairs, template_parts
from clarion.domain.messaging.content.localised import Localised, localised
from clarion.domain.messaging.content.push import PushContent
from clarion.domain.messaging.content.rendering import Content, Recipient, Renderer, Unsendable
from clarion.domain.messaging.content.sms import SmsContent, SmsParts
from clarion.domain.messaging.content.voice import VoiceContent, VoiceParts

__all__ = [
    "Composer",
    "Content",
    "CustomContent",
    "EmailContent",
    "EmailParts",
    "Localised",
    "PushContent",
    "Recipient",
    "Renderer",
    "Said",
    "SmsContent",
    "SmsParts",
    "Unsendable",
    "VoiceContent",
    "VoiceParts",
    "header_pairs",
    "localised",
    "template_parts",
]
