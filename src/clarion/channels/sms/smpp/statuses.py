"""What each command_status of SMPP 3.4 (5.1.3) means for a message: one table.

Whose fault a status is decides who suffers. `message`: this one is wrong and fails for good. `here`: this SMSC will not
carry it (that sender, those parameters), another provider may. `again`: this one did not work this time. `slow`: we are
to send less. `smsc`: the SMSC is ill, or will take nothing configured like this, so no message is to fail for it.
`account`: it does not let us in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from clarion.channels.port import Outcome

OK = 0x00
INVALID_COMMAND_LENGTH = 0x02
INVALID_COMMAND_ID = 0x03
WRONG_BIND_STATE = 0x04
TEMPORARY_APP_ERROR = 0x64
PERMANENT_APP_ERROR = 0x65

Fault = Literal["message", "here", "again", "slow", "smsc", "account"]


class Status(NamedTuple):
    name: str
    text: str
    fault: Fault


STATUSES: Mapping[int, Status] = {
    0x01: Status("ESME_RINVMSGLEN", "message length is invalid", "message"),
    0x02: Status("ESME_RINVCMDLEN", "command length is invalid", "message"),
    0x03: Status("ESME_RINVCMDID", "invalid command id", "smsc"),
    0x04: Status("ESME_RINVBNDSTS", "incorrect bind status for the command", "smsc"),
    0x05: Status("ESME_RALYBND", "already bound", "smsc"),
    0x06: Status("ESME_RINVPRTFLG", "invalid priority flag", "smsc"),
    0x07: Status("ESME_RINVREGDLVFLG", "invalid registered delivery flag", "smsc"),
    0x08: Status("ESME_RSYSERR", "system error", "smsc"),
    0x0A: Status("ESME_RINVSRCADR", "invalid source address", "here"),
    0x0B: Status("ESME_RINVDSTADR", "invalid destination address", "message"),
    0x0C: Status("ESME_RINVMSGID", "message id is invalid", "message"),
    0x0D: Status("ESME_RBINDFAIL", "bind failed", "account"),
    0x0E: Status("ESME_RINVPASWD", "invalid password", "account"),
    0x0F: Status("ESME_RINVSYSID", "invalid system id", "account"),
    0x11: Status("ESME_RCANCELFAIL", "cancel_sm failed", "message"),
    0x13: Status("ESME_RREPLACEFAIL", "replace_sm failed", "message"),
    0x14: Status("ESME_RMSGQFUL", "message queue full", "slow"),
    0x15: Status("ESME_RINVSERTYP", "invalid service type", "smsc"),
    0x33: Status("ESME_RINVNUMDESTS", "invalid number of destinations", "message"),
    0x34: Status("ESME_RINVDLNAME", "invalid distribution list name", "message"),
    0x40: Status("ESME_RINVDESTFLAG", "destination flag is invalid", "message"),
    0x42: Status("ESME_RINVSUBREP", "invalid submit with replace", "message"),
    0x43: Status("ESME_RINVESMCLASS", "invalid esm_class", "here"),
    0x44: Status("ESME_RCNTSUBDL", "cannot submit to the distribution list", "message"),
    0x45: Status("ESME_RSUBMITFAIL", "submit_sm failed", "again"),
    0x48: Status("ESME_RINVSRCTON", "invalid source address TON", "here"),
    0x49: Status("ESME_RINVSRCNPI", "invalid source address NPI", "here"),
    0x50: Status("ESME_RINVDSTTON", "invalid destination address TON", "smsc"),
    0x51: Status("ESME_RINVDSTNPI", "invalid destination address NPI", "smsc"),
    0x53: Status("ESME_RINVSYSTYP", "invalid system_type", "smsc"),
    0x54: Status("ESME_RINVREPFLAG", "invalid replace_if_present flag", "smsc"),
    0x55: Status("ESME_RINVNUMMSGS", "invalid number of messages", "message"),
    0x58: Status("ESME_RTHROTTLED", "throttling error", "slow"),
    0x61: Status("ESME_RINVSCHED", "invalid scheduled delivery time", "smsc"),
    0x62: Status("ESME_RINVEXPIRY", "invalid validity period", "smsc"),
    0x63: Status("ESME_RINVDFTMSGID", "predefined message is invalid", "message"),
    0x64: Status("ESME_RX_T_APPN", "temporary application error", "again"),
    0x65: Status("ESME_RX_P_APPN", "permanent application error", "message"),
    0x66: Status("ESME_RX_R_APPN", "message rejected by the application", "message"),
    0x67: Status("ESME_RQUERYFAIL", "query_sm failed", "message"),
    0xC0: Status("ESME_RINVOPTPARSTREAM", "error in the optional parameters", "here"),
    0xC1: Status("ESME_ROPTPARNOTALLWD", "optional parameter not allowed", "here"),
    0xC2: Status("ESME_RINVPARLEN", "invalid parameter length", "here"),
    0xC3: Status("ESME_RMISSINGOPTPARAM", "expected optional parameter missing", "here"),
    0xC4: Status("ESME_RINVOPTPARAMVAL", "invalid optional parameter value", "here"),
    0xFE: Status("ESME_RDELIVERYFAILURE", "delivery failure", "again"),
    0xFF: Status("ESME_RUNKNOWNERR", "unknown error", "again"),
}

_AT_BIND: frozenset[Fault] = frozenset(("smsc", "slow"))


def status_of(code: int, own: Mapping[int, Fault] | None = None) -> Status:
    """What a code means; `own` is what an operator knows of this SMSC, whose codes from 0x400 on mean what it likes."""
    known = STATUSES.get(code) or Status("vendor" if 0x400 <= code <= 0x4FF else "reserved", "error", "again")
    fault = (own or {}).get(code)
    return known._replace(fault=fault) if fault is not None else known


def words(code: int) -> str:
    """A code in words, on one line."""
    found = status_of(code)
    return f"{code:#010x} {found.name} ({found.text})"


def submitted(code: int, own: Mapping[int, Fault] | None = None, *, pause_ms: int | None = None) -> Outcome:
    """What came of a submit_sm that was answered with an error. `pause_ms`: how long we keep quiet when throttled."""
    detail = f"submit_sm: {words(code)}"
    match status_of(code, own).fault:
        case "message":
            return Outcome("permanent", detail, words(code))
        case "here":
            return Outcome("permanent", detail, words(code), blame="provider")
        case "again":
            return Outcome("temporary", detail, words(code))
        case "slow":
            return Outcome("throttled", detail, words(code), retry_after_ms=pause_ms)
        case "smsc":
            return Outcome("temporary", detail, words(code), blame="provider")
        case "account":
            return Outcome("temporary", detail, words(code), blame="credentials")


def not_bound(code: int) -> Outcome:
    """What a message comes to when the bind was answered with an error: whatever is no fault of the SMSC's is ours."""
    blame: Literal["provider", "credentials"] = "provider" if status_of(code).fault in _AT_BIND else "credentials"
    return Outcome("temporary", f"bind refused: {words(code)}", words(code), blame=blame)
