"""Which medicine a resource means: its codes and its words must agree. A contradiction is for a person, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from countwell.exchange.fhir.chart import Chart
from countwell.exchange.fhir.parts import codings, reference, texts
from countwell.exchange.fhir.received import Given
from countwell.exchange.fields import Fields
from countwell.model.records import Code
from countwell.vocabulary import lists
from countwell.vocabulary.codes import Refused as OtherCode
from countwell.vocabulary.medicines import AZATHIOPRINE, medicine, medicine_named, medicine_of_code


@dataclass(frozen=True, slots=True)
class Drug:
    """name: the listed medicine, None if there is none. said: the words, or the code. doubt: why a person must look."""

    name: str | None
    said: str
    code: Code | None
    possible: frozenset[str]
    strength_mg: Decimal | None = None
    doubt: str = ""

    @property
    def may_be_azathioprine(self) -> bool:
        """Whether code or words say azathioprine."""
        return AZATHIOPRINE in self.possible


def drug_of(given: Given, chart: Chart) -> Drug:
    """The drug of an order, a statement, a dispensing. Raises FieldFault for a wrong form."""
    fields, element = given.fields, "medicationCodeableConcept"
    if fields.content.get("medicationReference") is not None:
        found = chart.find(given, reference(fields, "medicationReference"))
        fields, element = found or Fields({}, given.fields.zone), "code"
    return drug(codings(fields, element), texts(fields, element))


@lru_cache(maxsize=100 * 100)
def drug(codes: tuple[Code, ...], said: tuple[str, ...]) -> Drug:
    """What codes and words say together."""
    coded = [(code, medicine_of_code(code.system, code.code, code.display)) for code in codes]
    wrong = [found for _, found in coded if isinstance(found, OtherCode)]
    listed = {found: code for code, found in coded if isinstance(found, str)}
    names = _widest({*listed, *(name for text in said if (name := medicine_named(text)))})
    shown = said[0] if said else (codes[0].code if codes else "a medicine without a name")
    code = next(iter(listed.values()), codes[0] if codes else None)
    possible = frozenset(names | {found.near for found in wrong})
    strength = next((mg for mg in map(_strength, codes) if mg is not None), None)
    name = next(iter(names)) if len(names) == 1 and not wrong else None
    return Drug(name, shown, code, possible, strength, _doubt(names, wrong))


def _widest(names: set[str]) -> set[str]:
    """Without the parts of a combined product that is named too."""
    parts = {part for name in names for part in medicine(name).contains}
    return names - parts


def _doubt(names: set[str], wrong: list[OtherCode]) -> str:
    if wrong:
        return f"the code is {wrong[0].says}."
    return f"codes and words name {' and '.join(sorted(names))}." if len(names) > 1 else ""


def _strength(code: Code) -> Decimal | None:
    product = lists.of_code("products", code.system, code.code)
    return lists.strength_mg(product) if isinstance(product, str) else None
