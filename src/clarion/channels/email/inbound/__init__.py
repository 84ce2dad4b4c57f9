"""Mail that comes in: what became of ours, and whoever wants no more of it.

listener    the small SMTP server: who may connect, what is taken in, when it is acknowledged
intake      whom of ours a mail may be for, and what is reported of it
reading     what a mail says: a bounce, a delay, a complaint, a reply of a machine
parts       a mail taken apart, carefully: whatever comes in, it takes bounded time and never raises
status      delivery status notifications (RFC 3464), and what their codes mean
prose       bounces that are written for people only: qmail, Exchange, Exim
arf         complaints (RFC 5965), those of JMRP and Yahoo too
automatic   out of office and other replies of machines (RFC 3834): no bounces

Nothing here ever answers a mail.
"""
