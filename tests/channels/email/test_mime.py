"""What goes into the builder comes out of the standard library's parser."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.email import headers, mime
from clarion.channels.port import EmailOutgoing
from clarion.core.clock import from_ms
from clarion.core.errors import Invalid
from tests.channels.letters import letter

anything = st.text(st.characters(codec="utf-8"), max_size=400)
# Text whose spaces are single and inside, as far as the parser can tell them apart at all.
subjects = anything.map(lambda text: " ".join(headers.clean(text).split())).filter(lambda text: "=?" not in text)
names = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], codec="utf-8"), max_size=90).map(
    lambda text: " ".join(text.split())
)


def parsed(message: EmailOutgoing) -> EmailMessage:
    content = mime.build(message).content
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert content.endswith(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def body(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return unix(payload.decode(part.get_content_charset() or "ascii"))


def test_a_letter_with_both_parts() -> None:
    found = parsed(letter(reply_to=["help@acme.test", "Team <team@acme.test>"], cc_header=["boss@example.com"]))
    assert found["From"].addresses[0].display_name == "Acme Shop"
    assert found["From"].addresses[0].addr_spec == "shop@acme.test"
    assert found["To"] == "lea@example.com"
    assert found["Cc"] == "boss@example.com"
    assert [address.addr_spec for address in found["Reply-To"].addresses] == [
        "help@acme.test",
        "team@acme.test",
    ]
    assert found["Message-ID"] == "<0123456789abcdef0123456789abcdef@acme.test>"
    assert found["Date"].datetime == from_ms(1_804_151_402_000)
    assert found["MIME-Version"] == "1.0"
    assert found.get_content_type() == "multipart/alternative"
    plain, html = found.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert (body(plain), body(html)) == ("It is on its way.", "<p>It is on its way.</p>")


@pytest.mark.parametrize(("text", "html", "kind"), [("a", None, "text/plain"), (None, "<b>", "text/html")])
def test_one_part_stands_alone(text: str | None, html: str | None, kind: str) -> None:
    found = parsed(letter(text=text, html=html))
    assert found.get_content_type() == kind
    assert body(found).strip() == (text or html)


def test_no_part_is_an_empty_text() -> None:
    found = parsed(letter(text=None, html=None))
    assert found.get_content_type() == "text/plain"
    assert body(found).strip() == ""


def test_to_header_shows_more_than_the_one_recipient() -> None:
    mail = mime.build(letter(to_header=["lea@example.com", "Max <max@example.com>"]))
    assert mail.recipient == "lea@example.com"
    shown = email.message_from_bytes(mail.content, policy=default)["To"]
    assert [address.addr_spec for address in shown.addresses] == ["lea@example.com", "max@example.com"]


def test_the_same_message_gives_the_same_bytes() -> None:
    assert mime.build(letter()) == mime.build(letter())


@settings(max_examples=300, deadline=None)
@given(text=anything, html=anything)
def test_any_bodies_survive(text: str, html: str) -> None:
    plain, rich = parsed(letter(text=text, html=html)).iter_parts()
    assert body(plain) == unix(text)
    assert body(rich) == unix(html)


@settings(max_examples=200, deadline=None)
@given(piece=st.text(max_size=12), times=st.integers(1, 2000))
def test_long_lines_survive(piece: str, times: int) -> None:
    text = (piece * times)[:6000]
    found = parsed(letter(text=text, html=None))
    read = body(found)
    # A text that stands alone is given a last line break if it has none.
    expected = unix(text.encode("utf-8", "replace").decode())
    assert read in (expected, expected + "\n")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain ASCII\n" * 200, "7bit"),
        ("x" * 999, "quoted-printable"),
        ("NUL \0 is not mail", "quoted-printable"),
        (
            "Grüße aus dem Süden, wo die Sonne scheint und alles gut ist, wie immer schon und immer",
            "quoted-printable",
        ),
        ("Привет, как дела?", "base64"),
        ("ends in a space ", "7bit"),
    ],
)
def test_the_transfer_encoding_fits(text: str, encoding: str) -> None:
    found = parsed(letter(text=text, html="<p>"))
    part = next(iter(found.iter_parts()))
    assert part["Content-Transfer-Encoding"] == encoding
    assert body(part) == text


def test_a_body_that_contains_the_boundary_cannot_end_the_part() -> None:
    message = letter()
    message.text = f"--=_{message.message_id}--\n--=_{message.message_id}\nContent-Type: text/html\n\nowned"
    parts = list(parsed(message).iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert body(parts[0]) == message.text


@settings(max_examples=400, deadline=None)
@given(subject=subjects)
def test_any_subject_survives(subject: str) -> None:
    assert parsed(letter(subject=subject))["Subject"] == subject


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "ä",
        "a" * 900,
        "word " * 300 + "end",
        "€" * 500,
        "a  b   c",
        "👩‍👩‍👧‍👦" * 40,
        "x" * 3000,
        "a " + "ü" * 100,
    ],
)
def test_long_and_odd_subjects(subject: str) -> None:
    found = parsed(letter(subject=subject))
    assert found["Subject"] == subject


def test_encoded_words_are_short_lines() -> None:
    content = mime.build(letter(subject="Größe " * 100)).content
    lines = [line for line in content.split(b"\r\n") if b"=?utf-8?" in line]
    assert len(lines) > 10
    assert all(len(line) <= 76 for line in lines)
    assert all(len(word) <= 75 for line in lines for word in line.replace(b"Subject:", b"").split())


def test_a_subject_that_is_encoded_already_is_passed_on() -> None:
    content = mime.build(letter(subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")).content
    assert b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" in content


EVIL = "x\r\nBcc: victim@example.com\r\n\r\n<script>"


@pytest.mark.parametrize(
    "message",
    [
        letter(subject=EVIL),
        letter(headers=[("X-Note", EVIL)]),
        letter(from_address=f'"{EVIL}" <shop@acme.test>'),
        letter(reply_to=[f"{EVIL} <shop@acme.test>"]),
        letter(to_address=f'"{EVIL} ü" <lea@example.com>'),
        letter(unsubscribe_url="https://acme.test/\r\nBcc: victim@example.com"),
    ],
)
def test_line_breaks_cannot_inject_headers(message: EmailOutgoing) -> None:
    found = parsed(message)
    assert found["Bcc"] is None
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


@settings(max_examples=300, deadline=None)
@given(value=st.text(max_size=200), name=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_no_header_makes_more_than_one(name: str, value: str) -> None:
    name = "X-" + name.replace(":", "")
    content = mime.build(letter(headers=[(name, value)], html=None)).content
    head = content.partition(b"\r\n\r\n")[0]
    fields = re.split(rb"\r\n(?![ \t])", head)
    assert len(fields) == len(
        re.split(rb"\r\n(?![ \t])", mime.build(letter(html=None)).content.partition(b"\r\n\r\n")[0])
    ) + (not name.lower().startswith("x-ses-"))


@settings(max_examples=300, deadline=None)
@given(name=names)
def test_any_display_name_survives(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    message = letter(from_address=f'"{quoted}" <shop@acme.test>')
    address = parsed(message)["From"].addresses[0]
    assert address.addr_spec == "shop@acme.test"
    if "=?" in name:
        return
    if name.isascii() and len(name) <= 60:
        assert address.display_name == name
    else:
        # The parser of Python 3.11 puts a space between the words of a long name; decode_header does not.
        written = email.message_from_bytes(mime.build(message).content)["From"].rpartition("<")[0]
        assert str(make_header(decode_header(written))).rstrip() == name


@pytest.mark.parametrize(
    ("given_domain", "ascii_domain"),
    [
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("Example.COM", "Example.COM"),
    ],
)
def test_international_domains(given_domain: str, ascii_domain: str) -> None:
    mail = mime.build(letter(to_address=f"lea@{given_domain}", from_address=f"Ü <shop@{given_domain}>"))
    assert mail.recipient == f"lea@{ascii_domain}"
    assert mail.sender == f"shop@{ascii_domain}"
    assert f"Message-ID: <0123456789abcdef0123456789abcdef@{ascii_domain}>".encode() in mail.content


def test_punycode_agrees_with_the_idna_package() -> None:
    idna = pytest.importorskip("idna")
    for label in ("bücher", "faß", "παράδειγμα", "пример", "उदाहरण", "דוגמה", "नमस्ते", "ไทย", "한국", "łódź"):
        domain = f"{label}.example"
        assert headers.ascii_domain(domain) == idna.encode(domain, uts46=True).decode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a@b@c",
        "a b@example.com",
        "a@exa mple.com",
        "a@example..com",
        "a@-example.com",
        "ü@example.com",
        "a@example.com, b@example.com",
        "a@example.com>",
        "Name a@example.com>",
        "a@example.com\r\nRCPT TO: b@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + "x." * 200 + "com",
        "a" * 65 + "@example.com",
        "a@♥☺\u2028.example",
        "a@[127.0.0.1]",
        "<a@example.com> b",
    ],
)
def test_not_an_address(address: str) -> None:
    with pytest.raises(Invalid, match="is not"):
        mime.build(letter(to_address=address))


@pytest.mark.parametrize(
    "address", ['"a b"@example.com', "a..b@docomo.test", "o'neil+x=y@example.com", "root@localhost"]
)
def test_unusual_addresses_are_addresses(address: str) -> None:
    assert mime.build(letter(to_address=address)).recipient == address


@pytest.mark.parametrize(
    ("given_headers", "complaint"),
    [
        ([(f"X-{n}", "v") for n in range(16)], "More than 15"),
        ([("X" * 127, "v")], "not 1 to 126"),
        ([("", "v")], "not 1 to 126"),
        ([("X Y", "v")], "not 1 to 126"),
        ([("X:Y", "v")], "not 1 to 126"),
        ([("X\r\nBcc", "v")], "not 1 to 126"),
        ([("Ünïcode", "v")], "not 1 to 126"),
        ([("X-Note", "v" * 871)], "longer than 870"),
        ([("From", "x@example.com")], "Duplicate header 'From'"),
        ([("subject", "again")], "Duplicate header 'subject'"),
        ([("Content-Type", "text/plain")], "Duplicate header"),
        ([("List-Id", "a"), ("list-id", "b")], "Duplicate header 'list-id'"),
        ([("Reply-To", "ü")], "is not an e-mail address"),
    ],
)
def test_headers_that_are_refused(given_headers: list[tuple[str, str]], complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        mime.build(letter(headers=given_headers))


def test_headers_at_their_limits() -> None:
    given_headers = [("X" * 126, "v" * 870), ("X-Words", "word " * 173 + "end")] + [(f"X-{n}", "v") for n in range(13)]
    found = parsed(letter(headers=given_headers))
    for name, value in given_headers:
        assert found[name] == value


def test_repeatable_headers_repeat() -> None:
    found = parsed(letter(headers=[("X-Tag", "a"), ("X-Tag", "ü")]))
    assert found.get_all("X-Tag") == ["a", "ü"]


def test_date_and_message_id_are_ours() -> None:
    found = parsed(
        letter(headers=[("Date", "yesterday"), ("Message-ID", "<mine@x>"), ("Bcc", "x@y"), ("MIME-Version", "2")])
    )
    assert found.get_all("Message-ID") == ["<0123456789abcdef0123456789abcdef@acme.test>"]
    assert found["Date"].datetime == datetime(2027, 3, 4, 9, 10, 2, tzinfo=UTC)
    assert found.get_all("MIME-Version") == ["1.0"]
    assert found["Bcc"] is None


def test_service_headers_stay_with_the_service() -> None:
    found = parsed(letter(headers=[("X-SES-CONFIGURATION-SET", "marketing"), ("X-SES-MESSAGE-TAGS", "a=b")]))
    assert not [name for name in found if name.lower().startswith("x-ses")]


def test_return_path_is_the_envelope_sender() -> None:
    mail = mime.build(letter(headers=[("Return-Path", "bounces@acme.test")]))
    assert mail.sender == "bounces@acme.test"
    assert b"Return-Path" not in mail.content
    assert mime.build(letter(return_path="feedback@acme.test")).sender == "feedback@acme.test"


def test_unsubscribe_headers_from_a_url() -> None:
    found = parsed(letter(unsubscribe_url="https://acme.test/u/" + "t" * 300))
    assert found["List-Unsubscribe"] == "<https://acme.test/u/" + "t" * 300 + ">"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_needs_https() -> None:
    found = parsed(letter(unsubscribe_url="http://localhost:8080/u/t"))
    assert found["List-Unsubscribe"] == "<http://localhost:8080/u/t>"
    assert found["List-Unsubscribe-Post"] is None


def test_own_unsubscribe_headers_win() -> None:
    own = [("List-Unsubscribe", "<mailto:out@acme.test>, <https://acme.test/out?name=Müller>")]
    found = parsed(letter(headers=own, unsubscribe_url="https://clarion.test/u/t"))
    assert found.get_all("List-Unsubscribe") == ["<mailto:out@acme.test>, <https://acme.test/out?name=M%C3%BCller>"]
    assert found["List-Unsubscribe-Post"] is None


def test_ten_megabytes_is_the_limit() -> None:
    mime.build(letter(text="x\n" * 3_000_000, html=None))
    with pytest.raises(Invalid, match="larger than 10 MB"):
        mime.build(letter(text="x\n" * 3_400_000, html=None))


def test_a_message_id_that_could_break_the_header() -> None:
    with pytest.raises(Invalid, match="Message-ID"):
        mime.build(letter(message_id="a>\r\nX: y"))
