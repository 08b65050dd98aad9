"""The plain facts of a pack as CQL can make them from FHIR R4 by itself: a second library, less strict than Countwell.

Each definition has the name of the parameter that it fills. What is left out or taken less strictly stands at the head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from countwell.cql.facts import AS_OF, LAPSED, PARAMETERS, SILENT, WAS, Shape, shapes
from countwell.cql.limits import LESS_STRICT, LESS_STRICT_HEADING
from countwell.cql.written import case, comment, decimal, define, is_exact, quoted, text, text_lines, texts
from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.tests import Test, test

SYSTEMS = {
    "LOINC": "http://loinc.org",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
}
FINAL = ("final", "amended", "corrected")
Code = tuple[str, str]
Definitions = Mapping[str, str]


def facts_library_name(pack: Pack) -> str:
    """How the second library of a pack is called."""
    return f"Countwell_{pack.name.replace('-', '_')}_facts"


def facts_library(pack: Pack) -> str:
    """The text of the second library. Of facts that it does not make the names stand at its head."""
    made = {name: _made(pack.facts[name], shape) for name, shape in shapes(pack).items()}
    found = [pack.facts[name] for name, definitions in made.items() if definitions]
    codes = dict.fromkeys(code for definition in found for code in _codes(definition))
    tests = [test(definition.of[0]) for definition in found if definition.kind == "latest"]
    units = {_unit_list(one, times): text_lines(spelled) for one in tests for times, spelled in _factors(one).items()}
    parts = [
        *_head(pack, [name for name, definitions in made.items() if not definitions]),
        "\n".join(f"codesystem {quoted(name)}: {text(uri)}" for name, uri in SYSTEMS.items()),
        "\n".join(f"code {quoted(' '.join(code))}: {text(code[1])} from {quoted(code[0])}" for code in codes),
        f"parameter {quoted(AS_OF)} Date",
        "context Patient",
        define("patient", "singleton from ([Patient])"),
        *(define(*pair) for pair in units.items()),
        *(define(*pair) for definitions in made.values() for pair in definitions.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(pack: Pack, left_out: list[str]) -> Iterator[str]:
    says = f"Plain facts of {pack.name} {pack.version} from FHIR R4. Each definition fills the parameter of its name."
    lines = [says, LESS_STRICT_HEADING, *(f"- {line}" for line in LESS_STRICT)]
    lines.append(f"Not made here: {', '.join(left_out) or 'none'}.")
    yield "\n".join(comment(line, hanging="  " if line.startswith("- ") else "") for line in lines)
    yield f"library {facts_library_name(pack)} version {text(pack.version)}"
    yield "using FHIR version '4.0.1'\n\ninclude FHIRHelpers version '4.0.1' called FHIRHelpers"


def _made(definition: FactDefinition, shape: Shape) -> Definitions:
    """The definitions of a fact, that it is not silent among them; none if CQL cannot make it by itself."""
    match definition.kind:
        case "latest" if shape is Shape.NUMBER:
            made = _latest(definition.name, test(definition.of[0]))
        case "medicine" if _codes(definition):
            made = {definition.name: _taken(definition)}
        case "person" if definition.of[0] == "sex":
            made = {definition.name: SEX}
        case "person" if definition.of[0] == "age":
            made = _born(definition.name)
        case _:
            return {}
    return {**made, definition.name + SILENT[0]: "false"}


SEX = 'if "patient".gender is null then null else {FHIRHelpers.ToString("patient".gender)}'


def _codes(definition: FactDefinition) -> tuple[Code, ...]:
    """The codes of a test, or of all medicines that are meant, each with its system."""
    if definition.kind == "latest":
        return tuple(("LOINC", code) for code in test(definition.of[0]).loinc)
    if definition.kind != "medicine":
        return ()
    meant = (one for one in medicines().values() if any(one.is_a(wanted) for wanted in definition.of))
    return tuple(
        (system, code) for one in meant for system in ("RXNORM", "ATC") for code in one.codes.get(system.lower(), ())
    )


def _retrieved(resource: str, codes: tuple[Code, ...]) -> str:
    each = ",\n".join(f"  [{resource}: {quoted(f'{system} {code}')}]" for system, code in codes)
    return f"(flatten {{\n{each}\n}})"


def _latest(name: str, meant: Test) -> Definitions:
    """The newest final result: what it was, its value read, and the value if a living adult can have it."""
    newest, read = f"latest {name}", f"value of latest {name}"
    low, low_open, high, high_open = (name + ending for ending, _ in PARAMETERS[Shape.NUMBER])
    return {
        newest: _newest(meant),
        read: _read(quoted(newest), meant),
        low: _plausible(quoted(read), meant),
        low_open: "false",
        high: quoted(low),
        high_open: "false",
        name + LAPSED[0]: "false",
        **{name + WAS + ending: "null" for ending, _ in PARAMETERS[Shape.NUMBER]},
    }


def _newest(meant: Test) -> str:
    results = _retrieved("Observation", tuple(("LOINC", code) for code in meant.loinc))
    day = "date from FHIRHelpers.ToDateTime(O.effective as FHIR.dateTime)"
    return (
        f"Last({results} O\n  where O.status in {texts(FINAL)}\n    and {day} <= {quoted(AS_OF)}\n"
        "  sort by FHIRHelpers.ToDateTime(effective as FHIR.dateTime)\n)"
    )


def _read(newest: str, meant: Test) -> str:
    """In the test's own unit; not known with a comparator, or in a unit that needs more than a factor."""
    value = f"({newest}.value as FHIR.Quantity)"
    quantity = f"FHIRHelpers.ToQuantity({value})"
    units = (
        (f"{quantity}.unit in {quoted(_unit_list(meant, times))}", f"{quantity}.value * {decimal(times)}")
        for times in _factors(meant)
    )
    return case((f"{value}.comparator is not null", "null"), *units)


def _plausible(value: str, meant: Test) -> str:
    if meant.plausible is None:
        return value
    low, high = (decimal(end) for end in meant.plausible)
    return f"if {value} >= {low} and {value} <= {high} then {value} else null"


def _unit_list(meant: Test, times: Decimal) -> str:
    return f"{meant.unit} times {times:f}"


def _factors(meant: Test) -> dict[Decimal, list[str]]:
    """The accepted spellings of units by the factor to the test's own; those that need a division or a shift are left out."""
    factors: dict[Decimal, list[str]] = {}
    for spelled, unit in meant.units.items():
        if unit.divide == 1 and not unit.minus and is_exact(unit.times):
            factors.setdefault(unit.times, []).append(spelled)
    return factors


def _taken(definition: FactDefinition) -> str:
    """Yes if an active order names one of these medicines. No order is not "no": nobody says that the list was gone through."""
    orders = _retrieved("MedicationRequest", _codes(definition))
    return f"if exists ({orders} M\n  where M.status in {texts(['active'])}) then true else null"


def _born(name: str) -> Definitions:
    begun, earliest, latest = (name + ending for ending, _ in PARAMETERS[Shape.TIME])
    day = 'FHIRHelpers.ToDate("patient".birthDate)'
    return {begun: 'if "patient".birthDate is null then null else true', earliest: day, latest: day}
