"""SSML: what is let through, what is refused, and what is made of it for those who speak."""

from __future__ import annotations

import pytest

from clarion.channels.voice import ssml
from clarion.channels.voice.ssml import BadSsml

BILLION = (
    '<?xml version="1.0"?><!DOCTYPE speak [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><speak>&c;&c;&c;</speak>'
)
FILE = '<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BILLION, "document type"),
        (FILE, "document type"),
        ('<!DOCTYPE speak SYSTEM "http://example.com/speak.dtd"><speak>x</speak>', "document type"),
        ("<speak>&x;</speak>", "well-formed"),
        ("<speak>one", "well-formed"),
        ("<speak>a</speak><speak>b</speak>", "well-formed"),
        ("<speak>AT&T</speak>", "well-formed"),
        ("", "well-formed"),
        ("<speak>\x00</speak>", "well-formed"),
        ("<speak>\ud800</speak>", "well-formed"),
        ("hello", "well-formed"),
        ("<p>hello</p>", "needs <speak>"),
        ("<speak><?php x?></speak>", "processing"),
        ('<speak><audio src="file:///etc/passwd"/></speak>', "<audio> is not supported"),
        ("<speak><voice name='x'>y</voice></speak>", "<voice> is not supported"),
        ("<speak><speak>y</speak></speak>", "<speak> is not supported"),
        ("<speak><break time='11s'/></speak>", "10 s"),
        ("<speak><break time='soon'/></speak>", "cannot be"),
        ("<speak><break size='1'/></speak>", "no attribute size"),
        ("<speak><prosody rate='201%'>x</prosody></speak>", "20% to 200%"),
        ("<speak><say-as>x</say-as></speak>", "needs interpret-as"),
        ("<speak>" + "<p>" * 40 + "x" + "</p>" * 40 + "</speak>", "nested"),
        ("<speak>" + "x" * 3_001 + "</speak>", "3001 characters to speak"),
        ("<speak>" + "<p/>" * 1_500 + "</speak>", "6015 characters"),
    ],
)
def test_what_nobody_should_speak_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadSsml, match=reason):
        ssml.parse(text)


EVERYTHING = """<speak xml:lang="en-US"><p>Hello, <sub alias="Clarion">C</sub>.</p>
<s>One<break time="300ms"/> two<break strength="strong"/> three</s>
<prosody rate="80%" volume="+3dB" pitch="-10%">slow</prosody><emphasis level="strong">now</emphasis>
<lang xml:lang="fr-FR">bonjour</lang><say-as interpret-as="digits">12</say-as><mark name="m"/>
<phoneme alphabet="ipa" ph="p&#x26A;">pi</phoneme><w role="amazon:VB">read</w>
<amazon:effect name="whispered">psst</amazon:effect><amazon:auto-breaths><amazon:breath/>x</amazon:auto-breaths>
<say-as interpret-as="expletive">darn</say-as></speak>"""


def test_all_that_polly_speaks_is_let_through_and_written_as_it_was() -> None:
    read = ssml.parse(EVERYTHING)
    again = ssml.parse(ssml.written(read))
    assert ssml.written(again) == ssml.written(read)
    assert "".join(again.texts()) == "".join(read.texts())
    assert "bonjour" in ssml.inside(read)
    assert not ssml.inside(read).startswith("<speak")


def test_for_espeak_only_what_it_has_and_never_a_file() -> None:
    made = ssml.for_espeak(ssml.parse(EVERYTHING))
    assert '<voice xml:lang="fr">bonjour</voice>' in made
    assert '<say-as interpret-as="tts:digits">12</say-as>' in made
    assert '<prosody rate="80%" volume="+3dB" pitch="-10%">' in made
    for gone in ("amazon", "phoneme", "darn", "<w", "audio"):
        assert gone not in made
    assert "psst" in made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<speak>Hello</speak>", "Hello"),
        ("<speak><p>One</p><p>Two!</p></speak>", "One.\nTwo!"),
        ("<speak><s>One</s><s>Two?</s></speak>", "One. Two?"),
        ("<speak>Your code<break time='1s'/>1234</speak>", "Your code. 1234"),
        ("<speak>a<break/>b<break strength='none'/>c</speak>", "a, bc"),
        ("<speak>The <sub alias='World Wide Web'>WWW</sub> &amp; more</speak>", "The World Wide Web & more"),
    ],
)
def test_read_without_tags_pauses_are_punctuation(text: str, said: str) -> None:
    assert ssml.to_plain(ssml.parse(text)) == said


def test_a_plain_text_is_a_document_that_says_the_same() -> None:
    text = "A & B < C > \"D\" 'E' \x00\x0b café 🎉"
    assert "".join(ssml.parse(ssml.from_plain(text)).texts()) == "A & B < C > \"D\" 'E'  café 🎉"


def test_what_begins_with_the_root_is_meant_as_ssml() -> None:
    assert ssml.is_ssml(" \n<speak>x</speak>")
    assert ssml.is_ssml('<speak xml:lang="de-DE">x</speak>')
    assert not ssml.is_ssml("say <speak>")
    assert not ssml.is_ssml("<speaker>")
