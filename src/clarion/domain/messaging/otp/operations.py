"""AWS operations of one-time passwords. They answer 200 whatever became of the message or the code."""

from __future__ import annotations

from clarion.domain.messaging.otp.service import Otp
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class OtpOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, otp: Otp) -> None:
        self._otp = otp

    def send_otp_message(self, ctx: Context, request: shapes.SendOTPMessageRequest) -> shapes.MessageResponse:
        app_id = request.application_id
        number, result = self._otp.send(ctx.scope, app_id, request.send_otp_message_request_parameters)
        told = shapes.MessageResult(
            delivery_status=result.status,
            message_id=result.message_id,
            status_code=result.code,
            status_message=result.text,
        )
        return shapes.MessageResponse(application_id=app_id, request_id=ctx.request_id, result={number: told})

    def verify_otp_message(self, ctx: Context, request: shapes.VerifyOTPMessageRequest) -> shapes.VerificationResponse:
        typed = request.verify_otp_message_request_parameters
        valid = self._otp.verify(
            ctx.scope, request.application_id, typed.destination_identity, typed.reference_id, typed.otp
        )
        return shapes.VerificationResponse(valid=valid)
