"""What providers tell of messages after they left, on its way into the record.

desk        takes it in for all channels and leads it to whoever deals with it
receipts    of text messages: they wait in `pending` for the message that they are about, and for one another
texts       of people: keywords, answers (`conversing`), `forwarding` to wherever a project wants them
calls       and what became of them; `dialled` are those that are under way
mails       that bounced or were complained about
addresses   that lead to nobody any more, or moved
people      reports of one person's e-mails that are not recorded yet
"""
