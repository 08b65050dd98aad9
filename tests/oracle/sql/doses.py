"""What the dose rules leave, in thousandths of a mg a day: first dose, range, ceiling, and whether no dose may be given.

A rule that is not ruled out counts at once; a ceiling that cannot be worked out allows no dose.
"""

from __future__ import annotations

from decimal import Decimal

from countwell.model.pack import Pack
from countwell.vocabulary.tests import measures

from .life import weight
from .printed import name, number, word
from .sheet import Sheet
from .tables import Placed, Plan, relation_of

HEAVIEST = int((measures()["weight"].likely or (0, 0))[1] * 1000)  # thousandths of a kg, for a dose without a weight
SCALED = 10**15  # a limit per kg: thousandths of a kg times a number in 10^-15, back to thousandths of a mg


def doses(sheet: Sheet, plan: Plan) -> str:
    """One row for each case."""
    rows = [row for placed in plan.rules for row in _limits(sheet, placed)]
    return sheet.make(
        "doses",
        f"""
WITH heard AS ({" UNION ALL ".join(rows)})
SELECT c.k, min(h.mg) FILTER (h.kind = 'first') AS first_mg, min(h.mg) FILTER (h.kind = 'low') AS low_mg, min(h.mg) FILTER (h.kind = 'high') AS high_mg,
    CASE WHEN NOT coalesce(bool_or(h.mg IS NULL) FILTER (h.kind = 'ceiling'), false) THEN min(h.mg) FILTER (h.kind = 'ceiling') END AS ceiling_mg,
    coalesce(bool_or(h.kind = 'none' OR (h.kind = 'ceiling' AND h.mg IS NULL)), false) AS no_dose,
    coalesce(max(h.mg) FILTER (h.is_plain), max(h.of_heaviest) FILTER (h.is_plain)) AS top_mg
FROM {sheet.cases} c LEFT JOIN heard h USING (k) GROUP BY c.k
""",
    )


def _limits(sheet: Sheet, placed: Placed) -> list[str]:
    """Each limit of one rule in the cases in which it holds or may hold: k, kind, mg, is_plain (neither a gate nor a multiple)."""
    dose = placed.rule.dose
    if dose is None:
        return []
    plain = str(placed.rule.gate is None and dose.times is None).lower()
    found = []
    if dose.first:
        found.append(("first", _amount(placed.pack, dose.first, "w.low"), "false"))
    if dose.target:
        found += [
            ("low", _amount(placed.pack, dose.target[0], "w.high"), "false"),
            ("high", _amount(placed.pack, dose.target[1], "w.low"), "false"),
        ]
    if dose.ceiling:
        found.append(("ceiling", _amount(placed.pack, dose.ceiling, "w.low"), plain))
    if dose.times:
        factor = number(Decimal(placed.pack.numbers[dose.times].factor))
        found.append(
            (
                "ceiling",
                f"CASE WHEN m.span.low = m.span.high THEN m.span.low // 1000000000000 * {factor} // {SCALED} END",
                "false",
            )
        )
    if dose.none:
        found.append(("none", "NULL::HUGEINT", "false"))
    heaviest = _amount(placed.pack, dose.ceiling, str(HEAVIEST)) if dose.ceiling else "NULL"
    multiple = f"JOIN {sheet.fact(placed.pack, dose.of or '')} m USING (k)" if dose.times else ""
    return [
        f"""SELECT r.k, {word(kind)} AS kind, CAST({mg} AS HUGEINT) AS mg, {is_plain} AS is_plain, CAST({heaviest} AS HUGEINT) AS of_heaviest FROM {relation_of(sheet, placed)} r
    LEFT JOIN {weight(sheet)} w USING (k) {multiple} ANTI JOIN {sheet.schema}.accepted x ON x.k = r.k AND x.rule = {word(placed.key)}
    WHERE r.{name(placed.rule.name)} IS DISTINCT FROM false"""
        for kind, mg, is_plain in found
    ]


def _amount(pack: Pack, number_name: str, kg: str) -> str:
    """A number in mg a day, or per kg at this weight; NULL without a weight."""
    found = pack.numbers[number_name]
    if found.unit == "mg/day":
        return f"{number(found.value)} // 1000000000000"
    return f"{kg} * {number(found.value)} // {SCALED}"
