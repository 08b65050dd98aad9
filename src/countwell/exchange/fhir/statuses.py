"""The status of a result that stands in a report: the worse of the two."""

from __future__ import annotations

from collections.abc import Iterable

from countwell.exchange.kinds import SETTLED, WITHDRAWN

OF_REPORT = {
    "partial": "preliminary",
    "registered": "preliminary",
    "appended": "final",
    "amended": "final",
    "corrected": "final",
}


def joined(own: str | None, of_reports: Iterable[str | None]) -> str | None:
    """The status of the result itself unless a report that lists it says worse; a status that is not known says nothing good.

    None, or a word that is no status of a result, is refused when the record is read.
    """
    status = own
    for sent in of_reports:
        status = _worse(status, OF_REPORT.get(sent or "", sent or "unknown"))
    return status


def _worse(own: str | None, report: str) -> str | None:
    if own is None or report == "final":
        return own
    return report if _rank(report) > _rank(own) else own


def _rank(status: str) -> int:
    if status in SETTLED:
        return 0
    order = ("preliminary", "unknown", *WITHDRAWN)
    return 1 + order.index(status if status in order else "unknown")
