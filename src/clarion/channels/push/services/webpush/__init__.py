"""Web Push: notifications to browsers, which need no app and no store.

A browser that subscribes names the push service of its maker, by a URL that nobody but this browser has chosen; what
goes there is encrypted for the browser, so the service reads nothing, and signed with the project's own key (VAPID).
"""

from clarion.channels.push.services.webpush.transport import PROVIDER, WebPushTransport

__all__ = ["PROVIDER", "WebPushTransport"]
