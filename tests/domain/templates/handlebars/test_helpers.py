"""The helpers, with the examples of the service's guide (errata corrected) and what lies around them."""

from __future__ import annotations

import pytest

from clarion.domain.templates.handlebars import RenderError
from tests.domain.templates.handlebars.rendering import render

CONTEXT = {
    "Location": {"City": "Los Angeles"},
    "User": {
        "UserAttributes": {
            "FirstName": ["JANE"],
            "LastName": ["Alejandro"],
            "UserAge": ["9"],
            "title": ["my first post"],
            "html": ["<h1>Art</h1> a < b > c"],
            "Subscribed": ["true"],
            "Blocked": ["false"],
        }
    },
    "Attributes": {"favorite_colors": ["blue", "red", "green"], "one": ["blue"], "count": ["3"], "odd": ["n/a"]},
    "Metrics": {"x": 3.0, "y": 2.5},
}

EXAMPLES = {
    # strings
    "{{abbreviate User.UserAttributes.LastName.[0] 6}}": "Ale...",
    "{{abbreviate User.UserAttributes.LastName.[0] 9}}": "Alejandro",
    "{{abbreviate Location.City 8}}|{{abbreviate Location.City 2}}": "Los A...|..",
    "{{capitalize User.UserAttributes.title.[0]}}": "My First Post",
    "{{capitalize 'mCDONALD  x'}}|{{capitalize 'mCDONALD' fully=true}}": "MCDONALD  X|Mcdonald",
    "{{capitalizeFirst User.UserAttributes.title.[0]}}": "My first post",
    "[{{center Location.City size=19}}]": "[    Los Angeles    ]",
    "[{{center Location.City 14 pad='*'}}]": "[*Los Angeles**]",
    "[{{center Location.City size=3}}]": "[Los Angeles]",
    "{{cut Location.City 'e'}}": "Los Angls",
    "{{cut Location.City}}": "LosAngeles",
    "{{cut Location.City ''}}": "Los Angeles",
    "{{inflect 3 'apple' 'apples'}}": "apples",
    "{{inflect 3 'apple' 'apples' includeCount=true}}": "3 apples",
    "{{inflect 3 apple apples}}": "apples",
    "{{inflect 1 apple apples includeCount=true}}": "1 apple",
    "{{inflect 0 apple apples true}}": "0 apples",
    "{{inflect Attributes.count.[0] apple apples includeCount=true}}": "3 apples",
    "{{join Attributes.favorite_colors ', '}}": "blue, red, green",
    "{{join Attributes.favorite_colors ' / ' prefix='<' suffix='>'}}": "<blue / red / green>",
    "{{join Attributes.one ', '}}|{{join Attributes.none ', ' prefix='<'}}": "blue|",
    "{{join 'a' 'b' Attributes.one.[0] '-'}}": "a-b-blue",
    "[{{ljust Location.City 15}}]": "[Los Angeles    ]",
    "[{{rjust Location.City 15}}]": "[    Los Angeles]",
    "[{{ljust Location.City size=13 pad='.'}}][{{rjust Location.City size=16 pad='ab'}}]": (
        "[Los Angeles..][ababaLos Angeles]"
    ),
    "{{lower 'Santos'}} {{upper 'Roe'}}": "santos ROE",
    "{{upper User.UserAttributes.LastName}}": "ALEJANDRO",
    "{{ordinalize 22}}": "22nd",
    "{{ordinalize 1}} {{ordinalize 2}} {{ordinalize 3}} {{ordinalize 4}}": "1st 2nd 3rd 4th",
    "{{ordinalize 11}} {{ordinalize 12}} {{ordinalize 13}} {{ordinalize 111}} {{ordinalize '101'}}": (
        "11th 12th 13th 111th 101st"
    ),
    "{{replace Location.City ' ' '_'}}": "Los_Angeles",
    "{{replace 'a.b.c' '.' '$1'}}": "a$1b$1c",
    "{{replace 'abc' '' 'x'}}": "abc",
    "{{slugify Location.City}}": "los-angeles",
    "{{slugify '  Größe (XL), 50 % off_now '}}": "größe-xl-50--off_now",
    "{{stripTags '<h1>Art</h1>'}}": "Art",
    "{{stripTags User.UserAttributes.html.[0]}}": "Art a  c",
    "{{stripTags 'a < b'}}": "a < b",
    "{{substring Location.City 4 9}}": "Angel",
    "{{substring Location.City 4}}": "Angeles",
    "{{substring Location.City 4 99}}|{{substring Location.City 99}}": "Angeles|",
    "{{yesno true}} {{yesno false}} {{yesno nobody}}": "yes no maybe",
    "{{yesno User.UserAttributes.Subscribed yes='on' no='off'}}": "on",
    "{{yesno User.UserAttributes.Blocked yes=on no=off}}": "off",
    "{{yesno User.UserAttributes.Unknown maybe='?'}}": "?",
    # arithmetic
    "{{add 5 2.3}} {{subtract 5 2.3}} {{multiply 5 2.3}} {{divide 5 2.3}}": "7.3 2.7 11.5 2.17391304",
    "{{divide 10 4}} {{divide 10 5}} {{divide 1 3}} {{divide 2 3}}": "2.5 2 0.33333333 0.66666667",
    "{{modulo 7 2}} {{modulo -7 2}} {{modulo 7.5 2}}": "1 -1 1.5",
    "{{ceiling 5.23}} {{floor 5.23}} {{round 19.21}}": "6 5 19",
    "{{round 2.5}} {{round -2.5}} {{round 3}} {{ceiling -5.23}} {{floor -5.23}}": "3 -2 3 -5 -6",
    "{{add Metrics.x Attributes.count.[0]}} {{add Attributes.count 1}} {{add 0.1 0.2}}": "6 4 0.3",
    "{{add '1e3' '-.5'}}": "999.5",
    "{{multiply 100000000000 100000000000}} {{multiply 0.001 0.0001}}": "1e+22 1e-7",
    "[{{add Metrics.none 1}}]": "[]",
    # encoding
    "{{encode64 'Hello World'}}": "SGVsbG8gV29ybGQ=",
    "{{decode64 'SGVsbG8gV29ybGQ='}}": "Hello World",
    "{{md5 'Hello World'}}": "b10a8db164e0754105b7a99be72e3fe5",
    "{{md5 'Hello world'}}": "3e25960a79dbc69b674cd4ec67a72c62",
    "{{sha256 'Hello World'}}": "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e",
    "{{substring (sha512 'Hello World') 0 16}}…{{substring (sha512 'Hello World') 119}}": (
        "2c74fd17edafd80e…1447f459b"
    ),
    # conditions, inline
    "{{and 1 'a'}} {{and 1 ''}} {{and 1 'a' nobody}}": "true false false",
    "{{or nobody 0 'x'}} {{or nobody ''}}": "true false",
    "{{not nobody}} {{not 'x'}} {{not 'x' yes='y' no='n'}}": "true false n",
    "{{eq 'a' 'a' yes='same' no='other'}} {{eq 'a' 'b' yes=same no=other}}": "same other",
    "{{eq 'a' 'b'}} {{neq 'a' 'b'}} {{eq nobody nothing}} {{eq nobody ''}}": "false true true false",
    "{{eq Metrics.x '3'}} {{eq Metrics.x 3}} {{eq '3.0' '3'}} {{eq true 'true'}}": "true true false true",
    "{{eq User.UserAttributes.FirstName 'JANE'}} {{eq Attributes.favorite_colors Attributes.favorite_colors}}": (
        "true true"
    ),
    "{{gt 2 1}} {{gt 1 1}} {{gte 1 1}} {{lt 1 2}} {{lte 2 1}}": "true false true true false",
    "{{gt User.UserAttributes.UserAge.[0] '17'}} {{gt '9' '10'}} {{gt 'b' 'a'}} {{gt '9' 'a'}}": (
        "false false true false"
    ),
    "{{gt nobody 1}} {{lt nobody 1}} {{lte nobody nothing}}": "false false false",
    # conditions as blocks
    "{{#eq Metrics.x 3}}y{{else}}n{{/eq}}{{#neq Metrics.x 3}}y{{else}}n{{/neq}}": "yn",
    "{{#and (eq Metrics.x 3) (gt Metrics.y 2)}}both{{/and}}": "both",
    "{{#or (eq Metrics.x 1) (gt Metrics.y 9)}}one{{else}}none{{/or}}": "none",
    "{{#not nobody}}nobody{{/not}}{{^not nobody}}x{{else}}y{{/not}}": "nobodyy",
    "{{#gt Metrics.x 5}}a{{else lt Metrics.x 2}}b{{else if Metrics.y}}c{{else}}d{{/gt}}": "c",
    "{{#if (and Metrics.x (not nobody))}}y{{/if}}{{#unless (eq 1 1)}}x{{else}}z{{/unless}}": "yz",
    # nesting
    '{{capitalizeFirst (lower "JANE")}}': "Jane",
    "{{capitalizeFirst (lower User.UserAttributes.FirstName.[0])}}": "Jane",
    "{{upper (replace (substring Location.City 4) 'e' (ordinalize 2))}}": "ANG2NDL2NDS",
    "{{#each Attributes.favorite_colors}}{{upper (substring this 0 1)}}{{ordinalize (add @index 1)}} {{/each}}": (
        "B1st R2nd G3rd "
    ),
    # helpers without a value
    "[{{upper nobody}}{{abbreviate nobody 5}}{{md5 nobody}}{{center User.UserAttributes.No.[0] size=9}}]": "[]",
}


@pytest.mark.parametrize("template", EXAMPLES)
def test_example(template: str) -> None:
    assert render(template, CONTEXT) == EXAMPLES[template]


FAILURES = {
    "{{add Attributes.odd.[0] 1}}": "add: the first argument is not a number",
    "{{add 1 'two'}}": "add: the second argument is not a number",
    "{{add true 1}}": "add: the first argument is not a number",
    "{{divide 1 0}}": "divide: division by zero",
    "{{modulo 1 0}}": "modulo: division by zero",
    "{{ordinalize 1.5}}": "ordinalize: the argument must be a whole number",
    "{{ordinalize 'x'}}": "ordinalize: the argument is not a number",
    "{{round 'x'}}": "round: the argument is not a number",
    "{{abbreviate 'abcdef' -1}}": "abbreviate: the length must be a whole number from 0 to 10,000,000",
    "{{center 'x' size=-1}}": "center: the size must be a whole number from 0 to 10,000,000",
    "{{ljust 'x' 1.5}}": "ljust: the size must be a whole number from 0 to 10,000,000",
    "{{rjust 'x'}}": "rjust: expected a size",
    "{{substring 'x' -1}}": "substring: the start must be a whole number from 0 to 10,000,000",
    "{{decode64 '%%%'}}": "decode64: the argument is not base64 of a text",
    "{{decode64 '/w=='}}": "decode64: the argument is not base64 of a text",
    "{{inflect 'many' a b}}": "inflect: the count is not a number",
}


@pytest.mark.parametrize("template", FAILURES)
def test_failure(template: str) -> None:
    with pytest.raises(RenderError) as caught:
        render("ab\n " + template, CONTEXT)
    assert str(caught.value) == f"line 2, column 4: {FAILURES[template]}"


def test_uuid_comes_from_the_ids_passed_in() -> None:
    text = render("{{uuid}} {{uuid}}")
    first, second = text.split(" ")
    assert first != second
    assert [len(part) for part in first.split("-")] == [8, 4, 4, 4, 12]
    assert text == render("{{uuid}} {{uuid}}")


def test_a_helper_that_cannot_do_without_arguments_leaves_its_name_to_variables() -> None:
    assert render("{{upper}} {{#join}}{{this}}{{/join}}", {"upper": "x", "join": ["y", "z"]}) == "x yz"


def test_bare_words_are_text_only_where_a_helper_takes_text() -> None:
    context = {"apple": "Apfel", "list": ["a", "b"]}
    assert render("{{inflect 1 apple apples}} {{inflect 2 apple apples}}", context) == "Apfel apples"
    assert render("{{join list and}} {{cut 'a-b' -}}", context) == "aandb ab"
    assert render("[{{upper apples}}]", context) == "[]"
    assert render("{{inflect 2 a x.y}}", context) == ""
