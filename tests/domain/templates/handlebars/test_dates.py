"""`dateFormat` and `now`: styles, Java patterns, zones. The clock stands at 2020-09-19T17:04:05.678Z."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clarion.domain.templates.handlebars import RenderError
from tests.domain.templates.handlebars.rendering import render

CONTEXT = {
    "CreationDate": "2020-09-19T17:04:05.678Z",
    "Moment": datetime(2020, 9, 19, 17, 4, 5, tzinfo=UTC),
    "Attributes": {"birthday": ["1990-02-03"], "odd": ["yesterday"]},
}

EXAMPLES = {
    "{{dateFormat '09/19/2020' inputFormat='MM/dd/yyyy' outputFormat='full'}}": "Saturday, September 19, 2020",
    "{{dateFormat CreationDate outputFormat='full'}}": "Saturday, September 19, 2020",
    "{{dateFormat CreationDate outputFormat='long'}}": "September 19, 2020",
    "{{dateFormat CreationDate outputFormat='medium'}}": "Sep 19, 2020",
    "{{dateFormat CreationDate}}|{{dateFormat Moment}}": "Sep 19, 2020|Sep 19, 2020",
    "{{dateFormat CreationDate outputFormat=short}}": "9/19/20",
    "{{dateFormat CreationDate 'long'}}|{{dateFormat CreationDate format='long'}}": (
        "September 19, 2020|September 19, 2020"
    ),
    "{{dateFormat CreationDate outputFormat=MM/dd/yyyy}}": "09/19/2020",
    "{{dateFormat CreationDate outputFormat='yyyy-MM-dd HH:mm:ss.SSS'}}": "2020-09-19 17:04:05.678",
    "{{dateFormat CreationDate outputFormat='h:mm a' tz=America/Los_Angeles}}": "10:04 AM",
    "{{dateFormat CreationDate outputFormat='HH:mm z' tz='America/Los_Angeles'}}": "10:04 PDT",
    "{{dateFormat CreationDate outputFormat='HH:mm Z X XX XXX' tz='Asia/Kolkata'}}": "22:34 +0530 +05 +0530 +05:30",
    "{{dateFormat CreationDate outputFormat='z X zzzz' tz='Europe/Berlin'}}": "CEST +02 Europe/Berlin",
    "{{dateFormat CreationDate outputFormat='z Z X'}}": "UTC +0000 Z",
    "{{dateFormat CreationDate outputFormat='z' tz='Asia/Dubai'}}": "GMT+04:00",
    "{{dateFormat CreationDate outputFormat='HH' tz='GMT-3'}}": "14",
    "{{dateFormat CreationDate outputFormat='HH' tz='+05:30'}}": "22",
    "{{dateFormat CreationDate outputFormat=\"EEE d MMM ''yy 'at' H 'o''clock'\"}}": ("Sat 19 Sep '20 at 17 o'clock"),
    "{{dateFormat CreationDate outputFormat='G y yy yyyy M MM MMM MMMM d dd E EEEE u D DDD'}}": (
        "AD 2020 20 2020 9 09 Sep September 19 19 Sat Saturday 6 263 263"
    ),
    "{{dateFormat CreationDate outputFormat='w W F Y H k K h a'}}": "38 3 3 2020 17 17 5 5 PM",
    "{{dateFormat '2020-12-31' outputFormat='w Y'}}": "1 2021",
    "{{dateFormat '2021-01-01' outputFormat='w Y W'}}": "1 2021 1",
    "{{dateFormat '2020-01-05T00:30:00Z' outputFormat='H k K h w'}}": "0 24 0 12 2",
    "{{dateFormat Attributes.birthday outputFormat='d MMMM'}}": "3 February",
    "{{dateFormat Attributes.birthday.[0] outputFormat='d MMMM' tz='America/Los_Angeles'}}": "3 February",
    "{{dateFormat '09/19/2020' inputFormat='MM/dd/yyyy' outputFormat='short' tz='America/Los_Angeles'}}": "9/19/20",
    "{{dateFormat '19.09.20 01:30' inputFormat='dd.MM.yy HH:mm' outputFormat='d' tz='America/New_York'}}": "18",
    "{{dateFormat 'Sep 3, 2020 1:05 pm' inputFormat='MMM d, yyyy h:mm a' outputFormat='MMdd HHmm'}}": "0903 1305",
    "{{dateFormat 'Sat 19 September 2020 08:00 PST' inputFormat='E d MMMM y HH:mm z' outputFormat='HH:mm'}}": "16:00",
    "{{dateFormat '2020-09-19T10:00:00+0200' inputFormat=\"yyyy-MM-dd'T'HH:mm:ssZ\" outputFormat='HH:mm'}}": "08:00",
    "{{dateFormat 20200919 inputFormat='yyyyMMdd' outputFormat='d/M'}}": "19/9",
    "{{dateFormat '1/2/99' inputFormat='d/M/yy' outputFormat='yyyy'}}": "1999",
    "{{dateFormat '1/2/39' inputFormat='d/M/yy' outputFormat='yyyy'}}": "2039",
    "{{dateFormat '12:00 AM' inputFormat='hh:mm a' outputFormat='HH:mm'}}": "00:00",
    "{{now}}": "Sep 19, 2020",
    "{{now 'full'}}|{{now full}}": "Saturday, September 19, 2020|Saturday, September 19, 2020",
    '{{now "medium" tz=America/Los_Angeles}}': "Sep 19, 2020",
    "{{now 'yyyy-MM-dd HH:mm' tz=Pacific/Auckland}}": "2020-09-20 05:04",
    "{{now format='HH'}}": "17",
    "[{{dateFormat nobody}}]": "[]",
}


@pytest.mark.parametrize("template", EXAMPLES)
def test_example(template: str) -> None:
    assert render(template, CONTEXT) == EXAMPLES[template]


FAILURES = {
    "{{dateFormat Attributes.odd.[0]}}": "dateFormat: 'yesterday' is not an ISO 8601 date; say its inputFormat",
    "{{dateFormat '2020' inputFormat='MM/dd'}}": "dateFormat: the date '2020' does not have the format 'MM/dd'",
    "{{dateFormat '13/45/2020' inputFormat='MM/dd/yyyy'}}": "dateFormat: there is no date '13/45/2020'",
    "{{now 'q'}}": "now: 'q' has no meaning in the date format 'q'",
    '{{now "\'x"}}': 'now: the date format "\'x" lacks a closing apostrophe',
    "{{now tz='Mars/Olympus'}}": "now: there is no time zone 'Mars/Olympus'",
    "{{now tz='../../etc/passwd'}}": "now: there is no time zone '../../etc/passwd'",
    "{{now tz='America'}}": "now: there is no time zone 'America'",
    "{{now tz='+99:00'}}": "now: there is no time zone +99:00",
    "{{dateFormat '0001-01-01T00:00:00Z' tz='America/Los_Angeles'}}": "dateFormat: the date is out of range",
}


@pytest.mark.parametrize("template", FAILURES)
def test_failure(template: str) -> None:
    with pytest.raises(RenderError) as caught:
        render(template, CONTEXT)
    assert str(caught.value) == f"line 1, column 3: {FAILURES[template]}"
