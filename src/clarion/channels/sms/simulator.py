"""Numbers of Pinpoint's SMS simulator: texts to them never leave, whoever carries a project's texts. Pure.

They end as they do there: DELIVERED, or UNREACHABLE. Source: spec of SMS, 8.3.
"""

from __future__ import annotations

from clarion.channels import phones
from clarion.channels.port import Outcome, Outgoing, Receipt, SmsOutgoing


def simulated(message: Outgoing) -> Outcome | None:
    """What becomes of a text to the simulator, None for every other message."""
    if not isinstance(message, SmsOutgoing):
        return None
    number = phones.e164(message.to_address)
    if number in phones.SIMULATED_SUCCESS:
        told = Receipt(kind="SUCCESS", record_status="DELIVERED", origination_number=message.origination_number)
        return Outcome("delivered", "SMS simulator: delivered", events=(told,))
    if number in phones.SIMULATED_FAILURE:
        told = Receipt(kind="FAILURE", record_status="UNREACHABLE", origination_number=message.origination_number)
        return Outcome("sent", "SMS simulator: unreachable", events=(told,))
    return None
