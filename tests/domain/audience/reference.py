"""The audience rules once more, slow and obvious: one dict of plain documents, every rule a full scan.

Knows nothing of rosters, indexes or batches; tests hold the real thing against it.
"""

from __future__ import annotations

from typing import Any

EVICTABLE = {"ADM", "GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU"}


class Refused(Exception):
    """The change is not carried out."""


class Reference:
    """One app; documents are dicts with the API's member names."""

    def __init__(self, limit: int = 15, retire: bool = False) -> None:
        self.limit = limit
        self.retire = retire
        self.documents: dict[str, dict[str, Any]] = {}

    def put(self, endpoint_id: str, sent: dict[str, Any], now: int) -> None:
        key = endpoint_id.lower()
        new = key not in self.documents
        old = self.documents.get(key) or self._blank(endpoint_id, now)
        user = sent.get("User") or {}
        document = {**old, **_sent(sent, "ChannelType", "Address", "OptOut"), **_sent(user, "UserId")}
        document["Attributes"] = {**old["Attributes"], **_sent(sent.get("Attributes") or {})}
        document["UserAttributes"] = dict(old["UserAttributes"])
        document["EndpointStatus"] = sent.get("EndpointStatus") or "ACTIVE"
        document["Effective"] = now
        if document["UserId"] and (new or document["UserId"] != old["UserId"]):
            self._join(key, document)
        document["UserAttributes"].update(_sent(user.get("UserAttributes") or {}))
        if document["UserId"]:
            document["Owner"] = document["UserId"]
            for other in self._of(document["UserId"], key):
                other["UserAttributes"] = dict(document["UserAttributes"])
        self._take_address(key, document)
        self.documents[key] = document

    def _take_address(self, key: str, document: dict[str, Any]) -> None:
        if document["EndpointStatus"] != "ACTIVE" or not document["ChannelType"] or not document["Address"]:
            return
        for other_key, other in self.documents.items():
            same = (other["ChannelType"], other["Address"]) == (document["ChannelType"], document["Address"])
            if other_key != key and same:
                other["EndpointStatus"] = "INACTIVE"

    def _join(self, key: str, document: dict[str, Any]) -> None:
        others = self._of(document["UserId"], key)
        if self.limit and len(others) >= self.limit:
            able = [other for other in others if self.retire or other["ChannelType"] in EVICTABLE]
            if not able or not (self.retire or document["ChannelType"] in EVICTABLE):
                raise Refused
            leaving = min(able, key=self._oldest)
            leaving.update(UserId="", EndpointStatus="INACTIVE")
        if document["Owner"] not in ("", document["UserId"]):
            document["UserAttributes"] = {}
        if others:
            document["UserAttributes"].update(others[0]["UserAttributes"])

    def _oldest(self, other: dict[str, Any]) -> tuple[Any, ...]:
        useful = self.retire and other["EndpointStatus"] == "ACTIVE" and other["ChannelType"] != ""
        return useful, other["Effective"], other["Created"], other["Id"].lower()

    def _of(self, user_id: str, but: str) -> list[dict[str, Any]]:
        return [one for key, one in self.documents.items() if one["UserId"] == user_id and key != but]

    def _blank(self, endpoint_id: str, now: int) -> dict[str, Any]:
        return {
            "Id": endpoint_id,
            "ChannelType": "",
            "Address": "",
            "Attributes": {},
            "OptOut": "NONE",
            "UserId": "",
            "UserAttributes": {},
            "Owner": "",
            "Created": now,
        }


def _sent(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """The members (of those called `names`, or all) that are sent and not null."""
    return {name: value for name, value in members.items() if value is not None and (not names or name in names)}
