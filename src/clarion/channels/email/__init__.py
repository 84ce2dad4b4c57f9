"""E-mail: what it is made of, the ways out for it, and what comes back.

mime           a message as bytes; `headers` its fields, `dkim` its signatures
tracking       opens and clicks, in and back; `verp` the envelope sender that tells which message a bounce is about
smtp           to a relay; `relay` says where that is
mx/            straight to the recipients' servers; `names` is what DNS says of them
sessions       connections of both, `dialogue` one mail over one of them, `replies` what refusals mean
ses            Amazon SES; `ses_sending` loads boto3
notifications  what became of mails, told over HTTP
inbound/       mail that comes in
"""
