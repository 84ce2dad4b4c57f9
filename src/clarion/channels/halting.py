"""When the rest of a batch is not tried: nobody is there or lets us in, or nobody answers any more."""

from __future__ import annotations

from clarion.channels.port import Outcome

SILENT = Outcome("temporary", "the service has stopped answering; this message was not tried", blame="provider")

LEAST = 3
"""Answers that did not come before a service is taken to be silent, at least."""


class Halt:
    """Told each outcome of a batch as it comes; several threads may tell it.

    When as many in a row got no answer as are under way `at_once`, and at least `LEAST`, the others are not tried: they
    have not left.
    """

    def __init__(self, at_once: int) -> None:
        self.outcome: Outcome | None = None
        """That of every message from now on, None while they are tried."""
        self._patience = max(at_once, LEAST)
        self._silent = 0

    def see(self, outcome: Outcome) -> None:
        """One more message has been tried."""
        if outcome.uncertain:
            self._silent += 1
            if self._silent >= self._patience:
                self.outcome = self.outcome or SILENT
            return
        self._silent = 0
        if outcome.blame != "message" and outcome.status != "permanent":
            self.outcome = self.outcome or outcome
