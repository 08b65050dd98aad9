"""To each kind of fact the function that works it out: named as the kind, found by the kind's number."""

from __future__ import annotations

from countwell.cohort.apart import Numbered
from countwell.cohort.shape import KINDS

OF_KINDS = Numbered(KINDS)
of_kind = OF_KINDS.one
worked_out = OF_KINDS.call(("p", "s", "f"))
