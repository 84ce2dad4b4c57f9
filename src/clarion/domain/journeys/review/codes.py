"""What each code of a review is about. E: an error, which keeps a journey from being published; W: advice.

Up to E27 and W17 they are those of the specification of journeys, 11.
"""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "E1": "Name",
    "E2": "StartCondition: a segment that exists, or an event, one of them",
    "E3": "The event that starts the journey",
    "E4": "The segment beside the event that starts the journey",
    "E5": "LocalTime of a journey that an event starts",
    "E6": "ContactCenter in a journey that an event starts",
    "E7": "Activities, and StartActivity among them",
    "E8": "How many activities there are",
    "E9": "Ids and kinds of activities",
    "E10": "Where activities lead to: one that exists, and never back",
    "E11": "The template of a message",
    "E12": "The channel of a message",
    "E13": "The sender of an e-mail",
    "E14": "Kind, sender and registration of a text message",
    "E15": "TimeToLive of a push notification",
    "E16": "Destination, data and endpoint types of a custom message",
    "E17": "How long is waited",
    "E18": "Conditions and ways out of a yes/no split",
    "E19": "Branches of a multivariate split",
    "E20": "What a condition asks for",
    "E21": "Branches of a random split",
    "E22": "The share of a holdout",
    "E23": "Campaign and role of a contact center",
    "E24": "Schedule",
    "E25": "Limits and RefreshFrequency",
    "E26": "QuietTime, OpenHours and ClosedDays",
    "E27": "Quotas of the account",
    "E28": "Events that are awaited, or that end the journey",
    "W1": "E-mails one right after the other",
    "W2": "Events that may come later than the split which asks for them",
    "W3": "Members without a time zone",
    "W4": "A Connect campaign that another journey uses",
    "W5": "Whether and when new members enter",
    "W6": "Entering again and again",
    "W7": "Rates and channels that hold messages back",
    "W8": "A multivariate split without a way for those who fit no branch",
    "W9": "No daily cap",
    "W10": "No end",
    "W11": "A date to wait for that has passed",
    "W12": "Two senders of a text message",
    "W13": "Text messages right before quiet time",
    "W14": "Push events, which need user and endpoint ids",
    "W15": "Variables without defaults; a journey that was never tested",
    "W16": "Waits that end before everybody was sent to",
    "W17": "Activities that nobody reaches",
}
