"""Log lines without patients: what a web server would write of an address or a form does not get through."""

from __future__ import annotations

import logging

SAID = "a request failed; see the request's number in the audit"


class WithoutPatients(logging.Filter):
    """Keeps where and what kind; drops addresses, arguments and the texts of exceptions, which may quote a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the line through, emptied of what may name a person."""
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"{SAID} ({record.exc_info[0].__name__})", ()
            record.exc_info, record.exc_text = None, None
        elif record.name.startswith("django."):
            record.msg, record.args = f"{SAID} ({getattr(record, 'status_code', record.levelname)})", ()
        return True
