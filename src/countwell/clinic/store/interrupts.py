"""What interrupts somebody who is about to sign: findings of the gravest tier that nobody has answered. Nothing else does.

Whoever goes on all the same gives a coded reason and types what was found: a finding that was read, not clicked away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countwell import Answer
from countwell.clinic.refused import NotUsable
from countwell.model.advice import rank
from countwell.model.answers import Finding
from countwell.paper.findings import surely, tag_of

READ = "Read what was found, and type it as it stands there: the value, or the medicine. Nothing was signed."


@dataclass(frozen=True, slots=True)
class Alarm:
    """findings: worst first; word: of the gravest the value, the medicine, or else the advice word."""

    findings: Sequence[Finding]
    word: str

    def check_read(self, form: Mapping[str, str]) -> None:
        """Raises NotUsable if the field `read` is not the word, whatever its case."""
        if form.get("read", "").strip().casefold() != self.word.casefold():
            raise NotUsable(READ)


def alarm_of(answer: Answer, left: Mapping[str, int]) -> Alarm | None:
    """What interrupts, in a review. left: the episodes that nobody has answered yet."""
    grave = [one for one in surely(answer) if rank(one.advice).tier == 1 and (one.episode or "") in left]
    if not grave:
        return None
    found = sorted(grave, key=lambda one: rank(one.advice).place)
    return Alarm(found, word_of(found[0]))


def word_of(finding: Finding) -> str:
    """The number of a value, the name of a medicine; of a finding that rests on no event, what it advises."""
    sent = [because.as_sent for because in finding.because if because.events and because.as_sent]
    return sent[0].split()[0] if sent else tag_of(finding)
