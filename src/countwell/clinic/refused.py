"""What the clinic refuses, as exceptions: the guard turns each into a page and a line in the audit."""

from __future__ import annotations

from countwell.base.errors import CountwellError


class Refused(CountwellError):
    """A request that is not carried out. status: of HTTP; says: in words, without patient data."""

    status = 403
    title = "You may not do this"

    def __init__(self, says: str = "") -> None:
        super().__init__(says or self.title)
        self.says = says


class NotThere(Refused):
    """No such page, or not for this person: the two are told in the same words."""

    status = 404
    title = "No page here"


class NotYours(Refused):
    """The role does not have this right."""


class OutOfDate(Refused):
    """The page was made before somebody else's change, or for another patient. Nothing was saved."""

    status = 409
    title = "This page is out of date"


class NotUsable(Refused):
    """The form as it was sent cannot be used: says what was sent, why not, what to do."""

    status = 422
    title = "This could not be saved"


class NotSafe(Refused):
    """The clinic cannot be believed at the moment: nothing is decided, reading goes on where it can."""

    status = 503
    title = "Not safe to believe at the moment"
