"""The AWS operation that looks up a phone number; of the account, not of a project."""

from __future__ import annotations

from clarion.domain.sms.numbers import validate
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class PhoneNumberOperations:
    """Mounted on `pinpoint`."""

    def phone_number_validate(
        self, ctx: Context, request: shapes.PhoneNumberValidateRequest
    ) -> shapes.NumberValidateResponse:
        return validate(request.number_validate_request)
