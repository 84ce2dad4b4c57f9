"""Mails as mail servers and mailbox providers send them back, with names of our own in them."""

from __future__ import annotations

MESSAGE = "0123456789abcdef0123456789abcdef"
SENT = "Thu, 04 Mar 2027 09:15:02 +0000"
SENT_MS = 1_804_151_702_000
ORIGINAL = (
    f"From: shop@acme.test\nTo: lea@example.test\nSubject: Hello\nMessage-ID: <{MESSAGE}@acme.test>\nDate: {SENT}\n"
    "List-Unsubscribe: <https://acme.test/track/u/token>\n"
)


def dsn(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <lea@example.test>: Recipient address rejected: User unknown",
    recipient: str = "lea@example.test",
    auto_submitted: str = "auto-replied",
) -> bytes:
    """A notification in Postfix's manner."""
    told = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return f"""From: MAILER-DAEMON@mx.example.test (Mail Delivery System)
To: b+x@bounces.acme.test
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: {auto_submitted}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Q1/mx.example.test"

This is a MIME-encapsulated message.

--4Q1/mx.example.test
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.test.

--4Q1/mx.example.test
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test
X-Postfix-Queue-ID: 4Q1
Arrival-Date: {SENT}

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
{told}
--4Q1/mx.example.test
Content-Description: Undelivered Message
Content-Type: message/rfc822

{ORIGINAL}
text of the mail
--4Q1/mx.example.test--
""".encode()


QMAIL = f"""From: MAILER-DAEMON@mail.example.test
To: b+x@bounces.acme.test
Subject: failure notice

Hi. This is the qmail-send program at mail.example.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<lea@example.test>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <b+x@bounces.acme.test>
{ORIGINAL}
text
""".encode()

EXIM = f"""From: Mail Delivery System <Mailer-Daemon@exim.example.test>
To: b+x@bounces.acme.test
Auto-Submitted: auto-replied
X-Failed-Recipients: lea@example.test
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  lea@example.test
    SMTP error from remote mail server after RCPT TO:<lea@example.test>:
    host mx.example.test [192.0.2.1]: 552 5.2.2 Mailbox over quota

------ This is a copy of the message, including all the headers. ------

{ORIGINAL}
text
""".encode()

EXCHANGE = b"""From: System Administrator <postmaster@exchange.example.test>
To: b+x@bounces.acme.test
Subject: Undeliverable: Hello

Your message

  To:      lea@example.test
  Subject: Hello

did not reach the following recipient(s):

lea@example.test on Thu, 4 Mar 2027 10:15:02 +0100
    The e-mail account does not exist at the organization this message was sent to.
"""

PLAIN = b"""From: Mail Delivery Subsystem <MAILER-DAEMON@isp.example.test>
To: b+x@bounces.acme.test
Subject: Returned mail: see transcript for details

   ----- The following addresses had permanent fatal errors -----
<lea@example.test>
    (reason: 550 5.1.1 <lea@example.test>... User unknown)
"""

VAGUE = b"""From: postmaster@isp.example.test
To: b+x@bounces.acme.test
Subject: Delivery failure

Your mail to lea@example.test could not be processed. Please contact the help desk.
"""

DELAYED = b"""From: Mail Delivery System <Mailer-Daemon@exim.example.test>
To: b+x@bounces.acme.test
Auto-Submitted: auto-generated
Subject: Warning: message 1abc delayed 24 hours

This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue. No action is required on your part.
"""

VACATION = b"""From: Lea <lea@example.test>
To: b+x@bounces.acme.test
Return-Path: <>
Auto-Submitted: auto-replied (vacation)
Subject: Out of office: Hello

I am away; my mailbox is full of 550 5.1.1 user unknown jokes.
"""

ABWESEND = b"""From: Lea <lea@example.test>
To: b+x@bounces.acme.test
Subject: =?utf-8?q?Abwesenheitsnotiz=3A_Gr=C3=BC=C3=9Fe?=

Ich bin nicht da.
"""


def arf(*, kind: str = "abuse", mail_from: str = "b+x@bounces.acme.test", original: str = ORIGINAL) -> bytes:
    """A complaint as in RFC 5965, B.2."""
    return f"""From: <abusedesk@mailbox.example.test>
To: <fbl@acme.test>
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54"

--part1_13d.2e68ed54
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.1.

--part1_13d.2e68ed54
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{mail_from}>
Original-Rcpt-To: <lea@example.test>
Arrival-Date: {SENT}
Source-IP: 192.0.2.1

--part1_13d.2e68ed54
Content-Type: message/rfc822

{original}
text of the mail
--part1_13d.2e68ed54--
""".encode()


JMRP = f"""From: staff@hotmail.com
To: fbl@acme.test
Subject: complaint about message from 192.0.2.1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: lea@example.test
Return-Path: b+x@bounces.acme.test
{ORIGINAL}
text
--x--
""".encode()
