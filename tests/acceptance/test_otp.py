"""SendOTPMessage, VerifyOTPMessage and PhoneNumberValidate by boto3. Source: spec of OTP and phone numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project
from tests.acceptance.running import Server

NUMBER = "+4930123456"


class Login:
    """A project that sends codes."""

    def __init__(self, project: Project) -> None:
        self.project = project
        project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": True})

    def send(self, **members: Any) -> dict[str, Any]:
        """What became of the message to `NUMBER`."""
        parameters = {
            "Channel": "SMS",
            "BrandName": "Acme",
            "DestinationIdentity": NUMBER,
            "OriginationIdentity": "ACME",
            "ReferenceId": "login-1",
            **members,
        }
        answer = self.project.pinpoint.send_otp_message(
            ApplicationId=self.project.id, SendOTPMessageRequestParameters=parameters
        )["MessageResponse"]
        assert answer["ApplicationId"] == self.project.id
        assert answer["RequestId"]
        return dict(answer["Result"][parameters["DestinationIdentity"]])

    def text(self) -> dict[str, Any]:
        """The latest message."""
        self.project.server.settle()
        return self.project.server.inbox(self.project.id, Channel="SMS")[0]

    def code(self) -> str:
        found = re.search(r"\d{5,8}", self.text()["Text"])
        assert found
        return found[0]

    def verify(self, code: str, reference: str = "login-1", number: str = NUMBER) -> bool:
        answer = self.project.pinpoint.verify_otp_message(
            ApplicationId=self.project.id,
            VerifyOTPMessageRequestParameters={
                "DestinationIdentity": number,
                "ReferenceId": reference,
                "Otp": code,
            },
        )["VerificationResponse"]
        assert set(answer) == {"Valid"}
        return bool(answer["Valid"])


@pytest.fixture
def login(project: Project) -> Login:
    return Login(project)


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def test_a_code_is_good_once(login: Login) -> None:
    sent = login.send()
    assert (sent["DeliveryStatus"], sent["StatusCode"]) == ("SUCCESSFUL", 200)
    assert sent["StatusMessage"] == f"MessageId: {sent['MessageId']}"
    text, code = login.text(), login.code()
    assert text["Text"] == f"This is your One Time Password: {code} from Acme"
    assert len(code) == 6
    assert (text["Headers"]["MessageType"], text["Headers"]["SenderId"]) == ("TRANSACTIONAL", "ACME")
    assert not login.verify(wrong(code))
    assert not login.verify(code, reference="login-2")
    assert not login.verify(code, number="+4930123457")
    assert login.verify(code)
    assert not login.verify(code)


def test_attempts_run_out(login: Login) -> None:
    login.send(AllowedAttempts=2, CodeLength=8)
    code = login.code()
    assert len(code) == 8
    assert [login.verify(wrong(code)), login.verify(wrong(code)), login.verify(code)] == [False, False, False]
    login.send()
    assert login.verify(login.code())


def test_time_runs_out(login: Login) -> None:
    login.send(ValidityPeriod=5)
    code = login.code()
    login.project.server.advance("PT4M59S")
    login.send(ReferenceId="other", ValidityPeriod=60)
    assert login.verify(login.code(), reference="other")
    login.project.server.advance("PT1S")
    assert not login.verify(code)


def test_sending_again_replaces_the_code(login: Login) -> None:
    login.send()
    first = login.code()
    login.send(Language="de-DE", OriginationIdentity="+4930999")
    text, second = login.text(), login.code()
    assert text["Text"] == f"Ihr Einmalpasswort lautet {second}, gesendet von Acme"
    assert not text["Headers"].get("SenderId")
    if first != second:
        assert not login.verify(first)
    assert login.verify(second)


def test_a_brand_is_no_template(login: Login) -> None:
    login.send(BrandName="{{Address}} <b>")
    assert login.text()["Text"].endswith(" from {{Address}} <b>")


def test_no_message_no_code(project: Project) -> None:
    login = Login(project)
    project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": False})
    sent = login.send()
    assert (sent["DeliveryStatus"], sent["StatusCode"]) == ("PERMANENT_FAILURE", 400)
    assert "MessageId" not in sent


def test_codes_go_with_the_person(login: Login) -> None:
    login.project.put("phone", ChannelType="SMS", Address=NUMBER, User={"UserId": "lea"})
    login.send()
    code = login.code()
    body = {"ApplicationId": login.project.id, "UserId": "lea"}
    assert login.project.server.control("POST", "users/erase", body)["State"] == "COMPLETED"
    assert not login.verify(code)


@pytest.mark.parametrize(
    ("members", "word"),
    [({"CodeLength": 4}, "CodeLength"), ({"Channel": "VOICE"}, "Channel"), ({"Language": "xx"}, "Language")],
)
def test_what_cannot_be_sent(login: Login, members: dict[str, Any], word: str) -> None:
    with pytest.raises(login.project.pinpoint.exceptions.BadRequestException, match=word):
        login.send(**members)


def test_of_a_project_that_is_not_there(login: Login) -> None:
    login.project.delete()
    with pytest.raises(login.project.pinpoint.exceptions.NotFoundException):
        login.send()
    with pytest.raises(login.project.pinpoint.exceptions.NotFoundException):
        login.verify("123456")


def test_a_phone_number(server: Server) -> None:
    pinpoint = server.client()

    def about(**request: str) -> dict[str, Any]:
        answer = pinpoint.phone_number_validate(NumberValidateRequest=request)
        return dict(answer["NumberValidateResponse"])

    found = about(PhoneNumber="030 123456", IsoCountryCode="DE")
    assert (found["PhoneType"], found["PhoneTypeCode"]) == ("LANDLINE", 1)
    assert (found["CleansedPhoneNumberE164"], found["City"]) == ("+4930123456", "Berlin")
    assert about(PhoneNumber="nonsense") == {
        "PhoneType": "INVALID",
        "PhoneTypeCode": 3,
        "OriginalPhoneNumber": "nonsense",
    }
    with pytest.raises(ClientError, match="PhoneNumber"):
        about()
