"""What an event is asked for, in the words that segments use.

recorded    as a condition on rows of `events`
matching    compiled into plain functions, for events as they come in
"""

from clarion.domain.segments.occasions.matching import COMPARISONS, Matcher
from clarion.domain.segments.occasions.recorded import Filters, occasion, occasions

__all__ = ["COMPARISONS", "Filters", "Matcher", "occasion", "occasions"]
