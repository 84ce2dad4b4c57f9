"""Push notifications in the form of each service: pure functions from what is said to the bytes that are sent.

A notification for Google and Amazon devices is data only: the app's client library draws it. Apple's carries what
the system shows. All carry where they come from, so that the library can report what became of them.
"""
