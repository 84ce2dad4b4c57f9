"""HTML of e-mails: made of MJML, and turned into plain text."""
