"""The rules for what calls somebody else's function: the custom channel and the hook. Spec of campaigns, 8 and 9."""

from __future__ import annotations

import re

from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import CampaignHook, CustomDeliveryConfiguration, MessageConfiguration

MOST_DATA = 5 * 1024

_URL = re.compile(r"https?://[A-Za-z0-9\-._~?/#;:]+")
_FUNCTION = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:|(?:[0-9]{12}:)?function:)?"
    r"[A-Za-z0-9_-]{1,64}(?::(?:\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)


def check_delivery(at: str, sent: CustomDeliveryConfiguration | None, message: MessageConfiguration | None) -> None:
    """Raise Invalid unless a custom message and its one destination go together; `at` begins the members' paths."""
    data = message.custom_message.data if message and message.custom_message else None
    if data is not None and len(data.encode()) > MOST_DATA:
        raise Invalid(f"{at}MessageConfiguration.CustomMessage.Data: must have at most {MOST_DATA} bytes")
    if sent is None:
        if data:
            raise Invalid(f"{at}CustomDeliveryConfiguration: is required with a CustomMessage")
        return
    if not is_function(sent.delivery_uri) and not is_url(sent.delivery_uri):
        raise Invalid(
            f"{at}CustomDeliveryConfiguration.DeliveryUri: must be a Lambda function's name or ARN, or an https:// URL"
            " of letters, digits and - . _ ~ ? / # ; :"
        )
    if not data:
        raise Invalid(f"{at}MessageConfiguration.CustomMessage.Data: is required with a CustomDeliveryConfiguration")


def check_hook(hook: CampaignHook | None) -> None:
    """Raise Invalid unless a hook names whom to call; one without any member is none."""
    if hook is None or hook == CampaignHook():
        return
    if not (hook.lambda_function_name or hook.web_url):
        raise Invalid("Hook: LambdaFunctionName or WebUrl is required")
    if hook.lambda_function_name and not is_function(hook.lambda_function_name):
        raise Invalid("Hook.LambdaFunctionName: must be a Lambda function's name or ARN")


def is_function(text: str) -> bool:
    """Whether the text is the name or the ARN of a Lambda function, with or without a version."""
    return bool(_FUNCTION.fullmatch(text))


def is_url(text: str) -> bool:
    """Whether the text is a URL in the characters that Pinpoint takes. Whether it may be called: hooks.destinations."""
    return bool(_URL.fullmatch(text))
