"""The local inbox: where messages go when no provider is configured, for developers to look at.

arrival   a message as it arrived, and who keeps it
mail      e-mail, with the mailbox simulator
phone     push notifications, text messages with the SMS simulator, calls
"""

from clarion.channels.inbox.arrival import InboxMessage, InboxSink
from clarion.channels.inbox.mail import InboxTransport, simulated
from clarion.channels.inbox.phone import PushInbox, SmsInbox, VoiceInbox

__all__ = ["InboxMessage", "InboxSink", "InboxTransport", "PushInbox", "SmsInbox", "VoiceInbox", "simulated"]
