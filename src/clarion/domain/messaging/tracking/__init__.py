"""Opens, clicks and unsubscribing: what is put into e-mails, the pages it leads to, and what they record."""
