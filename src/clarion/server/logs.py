"""Log lines on standard error: readable on a terminal, JSON when piped."""

from __future__ import annotations

import logging
import sys

import structlog

from clarion.core.errors import Invalid

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str, *, final: bool = False) -> None:
    """Set up logging for this process; raises Invalid for an unknown level. `final`: it will not change again."""
    if level not in _LEVELS:
        raise Invalid(f"log_level: {level} is not one of {', '.join(_LEVELS)}")
    terminal = sys.stderr.isatty()
    # Not structlog's default, which shows the values of local variables: people's data, credentials.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([] if terminal else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=final,
    )
