"""Keeps secrets out of the server's log, whatever a message quotes."""

from __future__ import annotations

import logging

from ..records.scrubbing import scrubbed

_FORMATTER = logging.Formatter()


class Scrubbing(logging.Filter):
    """Added to our logger; Jupyter's own messages are Jupyter's."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrubbed(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = scrubbed(_FORMATTER.formatException(record.exc_info))
        return True
