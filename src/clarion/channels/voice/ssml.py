"""SSML: what may be marked up in a text that is spoken, and how it is written for those who speak.

A document is parsed with everything refused that is not on the list: other tags, attributes and values, and documents
that declare types or entities (which could grow without end, or read files). Source: spec of voice, 5, which is
Amazon Polly's list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from xml.parsers import expat

import msgspec

MOST_CHARACTERS = 6_000
MOST_SPOKEN = 3_000
DEEPEST = 40

_DURATION = r"(?:\d{1,5}(?:\.\d{1,3})?|\.\d{1,3})(?:s|ms)"
_LOUDNESS = r"default|silent|x-soft|soft|medium|loud|x-loud|[+-]?\d{1,2}(?:\.\d+)?dB"
_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
_AMOUNT = r"default|none|x-low|low|medium|high|x-high"
_BREATH = r"default|x-soft|soft|medium|loud|x-loud"
_LENGTH = r"default|x-short|short|medium|long|x-long"
_SAID_AS = "characters|spell-out|cardinal|number|ordinal|digits|fraction|unit|date|time|address|expletive|telephone"
_TAGS: Mapping[str, Mapping[str, str]] = {
    "speak": {
        "xml:lang": _LANGUAGE,
        "version": r"1\.[01]",
        "xmlns": ".*",
        "xmlns:amazon": ".*",
    },
    "break": {"strength": "none|x-weak|weak|medium|strong|x-strong", "time": _DURATION},
    "emphasis": {"level": "strong|moderate|reduced"},
    "lang": {"xml:lang": _LANGUAGE, "onlangfailure": "changevoice|ignoretext|ignorelang|processorchoice"},
    "mark": {"name": r".{1,100}"},
    "p": {"xml:lang": _LANGUAGE},
    "s": {"xml:lang": _LANGUAGE},
    "phoneme": {"alphabet": "ipa|x-sampa|x-amazon-pinyin", "ph": r".{1,500}"},
    "prosody": {
        "volume": _LOUDNESS,
        "rate": r"x-slow|slow|medium|fast|x-fast|default|\d{1,3}%",
        "pitch": r"default|x-low|low|medium|high|x-high|[+-]\d{1,3}(?:\.\d+)?%",
        "amazon:max-duration": _DURATION,
    },
    "say-as": {"interpret-as": _SAID_AS, "format": r"[mdy?]{1,8}"},
    "sub": {"alias": r".{0,500}"},
    "w": {"role": r"amazon:(?:VB|VBD|DT|IN|JJ|NN|DEFAULT|SENSE_1)"},
    "amazon:breath": {"duration": _LENGTH, "volume": _BREATH},
    "amazon:auto-breaths": {"volume": _BREATH, "frequency": _AMOUNT, "duration": _LENGTH},
    "amazon:effect": {
        "name": "drc|whispered",
        "phonation": "soft",
        "vocal-tract-length": r"[+-]?\d{1,3}(?:\.\d+)?%",
    },
    "amazon:domain": {"name": "news|conversational"},
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "lang": ("xml:lang",),
    "mark": ("name",),
    "phoneme": ("alphabet", "ph"),
    "say-as": ("interpret-as",),
    "sub": ("alias",),
    "w": ("role",),
    "amazon:domain": ("name",),
}
_LONGEST_BREAK_MS = 10_000
_UNWRITABLE = re.compile("[^\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadSsml(ValueError):
    """A document that no engine would speak; the text says what is wrong with it."""


class Element(msgspec.Struct):
    """A tag with what is in it, texts and elements in their order."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = []

    def texts(self) -> Iterator[str]:
        """All text inside."""
        for part in self.content:
            if isinstance(part, str):
                yield part
            else:
                yield from part.texts()


def is_ssml(text: str) -> bool:
    """Whether a text is meant as SSML: it begins with the root tag. Nobody wants tags read aloud."""
    return re.match(r"\s*<speak[\s>/]", text) is not None


def parse(text: str) -> Element:
    """The `<speak>` element of a document. Raises BadSsml."""
    if len(text) > MOST_CHARACTERS:
        raise BadSsml(f"SSML has {len(text)} characters, at most {MOST_CHARACTERS} are taken")
    root = _Building().read(text)
    if (spoken := sum(map(len, root.texts()))) > MOST_SPOKEN:
        raise BadSsml(f"SSML has {spoken} characters to speak, at most {MOST_SPOKEN} are spoken")
    return root


class _Building:
    """Makes elements of expat's events."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None

    def read(self, text: str) -> Element:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._declared
        parser.EntityDeclHandler = self._declared
        parser.ProcessingInstructionHandler = self._instructed
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise BadSsml(f"SSML is not well-formed: {reason}, line {error.lineno}") from None
        if self._root is None:
            raise BadSsml("SSML needs a <speak> element")
        return self._root

    def _declared(self, *declared: object) -> None:
        raise BadSsml("SSML must not declare a document type or entities")

    def _instructed(self, *told: object) -> None:
        raise BadSsml("SSML must not have processing instructions")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag != "speak":
            raise BadSsml(f"SSML needs <speak> around everything, not <{_shown(tag)}>")
        if self._open and (tag == "speak" or tag not in _TAGS):
            raise BadSsml(f"<{_shown(tag)}> is not supported")
        if len(self._open) >= DEEPEST:
            raise BadSsml(f"SSML is nested more than {DEEPEST} deep")
        _check(tag, attributes)
        element = Element(tag, attributes, [])
        if self._open:
            self._open[-1].content.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].content.append(text)


def _shown(name: str) -> str:
    return name[:40]


def _check(tag: str, attributes: Mapping[str, str]) -> None:
    known = _TAGS[tag]
    for name, value in attributes.items():
        pattern = known.get(name)
        if pattern is None:
            raise BadSsml(f"<{tag}> has no attribute {_shown(name)}")
        if re.fullmatch(pattern, value, re.DOTALL) is None:
            raise BadSsml(f"{name} of <{tag}> cannot be {_shown(value)!r}")
    for name in _NEEDED.get(tag, ()):
        if name not in attributes:
            raise BadSsml(f"<{tag}> needs {name}")
    if tag == "break" and "time" in attributes and milliseconds(attributes["time"]) > _LONGEST_BREAK_MS:
        raise BadSsml("a <break> takes at most 10 s")
    if tag == "prosody" and (rate := attributes.get("rate", "")).endswith("%") and not 20 <= int(rate[:-1]) <= 200:
        raise BadSsml("rate of <prosody> must be from 20% to 200%")


def milliseconds(duration: str) -> float:
    """`1.5s` or `300ms` in ms."""
    return float(duration[:-2]) if duration.endswith("ms") else float(duration[:-1]) * 1_000


def from_plain(text: str) -> str:
    """A plain text as a document that says the same; characters that XML cannot hold are left out."""
    return f"<speak>{escape(_UNWRITABLE.sub('', text), quote=False)}</speak>"


_PAUSES = {"none": "", "x-weak": "", "weak": ", ", "medium": ", ", "strong": ". ", "x-strong": ".\n"}


def to_plain(element: Element) -> str:
    """What is said, for those who read no tags: pauses become punctuation, aliases what they stand for."""
    said = re.sub(r"[ \t\r]+", " ", "".join(_plain(element)))
    said = re.sub(r"\s*([.,])(?:\s*[.,])+", r"\1", said)
    return re.sub(r" *\n\s*", "\n", re.sub(r"\s+([.,])", r"\1", said)).strip(" ,\n")


def _plain(element: Element) -> Iterator[str]:
    if element.tag == "sub":
        yield element.attributes["alias"]
        return
    if element.tag == "break":
        yield _pause(element)
    for part in element.content:
        if isinstance(part, str):
            yield re.sub(r"\s+", " ", part)
        else:
            yield from _plain(part)
    if element.tag in ("p", "s"):
        ended = "".join(element.texts()).rstrip().endswith((".", "!", "?"))
        yield ("" if ended else ".") + ("\n" if element.tag == "p" else " ")


def _pause(element: Element) -> str:
    if "time" in element.attributes:
        return ". " if milliseconds(element.attributes["time"]) >= 500 else ", "
    return _PAUSES[element.attributes.get("strength", "medium")]


def written(element: Element, change: Callable[[Element], tuple[str, Mapping[str, str]] | None] | None = None) -> str:
    """The element as a document. `change` answers what tag and attributes become; None leaves the tag out, not what is
    in it."""
    return "".join(_written(element, change or (lambda one: (one.tag, one.attributes))))


def _written(element: Element, change: Callable[[Element], tuple[str, Mapping[str, str]] | None]) -> Iterator[str]:
    form = change(element)
    if form is not None:
        told = "".join(f' {name}="{escape(value)}"' for name, value in form[1].items())
        yield f"<{form[0]}{told}>" if element.content else f"<{form[0]}{told}/>"
    for part in element.content:
        if isinstance(part, str):
            yield escape(part, quote=False)
        else:
            yield from _written(part, change)
    if form is not None and element.content:
        yield f"</{form[0]}>"


def inside(element: Element) -> str:
    """What is between the root's tags, as TwiML's `<Say>` takes it."""
    return "".join(escape(part, quote=False) if isinstance(part, str) else written(part) for part in element.content)


_SPELT = {"characters": "characters", "spell-out": "characters", "digits": "tts:digits", "telephone": "tts:digits"}
_SAME = {"break", "emphasis", "mark", "p", "s", "sub"}


def for_espeak(element: Element) -> str:
    """The document in the part of SSML that eSpeak NG has. Left out: breaths, effects, phonemes (the text between is
    read), longest durations, roles of words; expletives are a pause."""
    return written(_silenced(element), _espeak)


def _silenced(element: Element) -> Element:
    content: list[Element | str] = []
    for part in element.content:
        if isinstance(part, str):
            content.append(part)
        elif part.attributes.get("interpret-as") == "expletive":
            content.append(Element("break", {"time": "400ms"}))
        else:
            content.append(_silenced(part))
    return Element(element.tag, element.attributes, content)


def _espeak(element: Element) -> tuple[str, Mapping[str, str]] | None:
    attributes = element.attributes
    if element.tag == "speak":
        return "speak", {}
    if element.tag in _SAME:
        return element.tag, {name: value for name, value in attributes.items() if name != "xml:lang"}
    if element.tag == "prosody":
        return "prosody", {name: value for name, value in attributes.items() if name in ("volume", "rate", "pitch")}
    if element.tag == "lang":
        return "voice", {"xml:lang": attributes["xml:lang"].split("-")[0]}
    if element.tag == "say-as" and attributes["interpret-as"] in _SPELT:
        return "say-as", {"interpret-as": _SPELT[attributes["interpret-as"]]}
    return None
