"""Proofs over all patients at once: no gap in a table, no dead rule, worse never milder. Z3 is used here and nowhere else.

What is proven is said of patients of whom every fact is exactly known; what the facts themselves mean is not proven here.
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from countwell.engine.prove.again import Proven
from countwell.engine.prove.doses import Span, Tablet, prove_doses
from countwell.engine.prove.tables import prove_tables
from countwell.engine.prove.units import prove_units
from countwell.engine.prove.verdict import Verdict
from countwell.engine.prove.versions import differences, equivalent
from countwell.model.pack import Pack
from countwell.pack.certificate import Certificate, certificate

__all__ = ["Proven", "Tablet", "Verdict", "certified", "differences", "equivalent", "prove", "prove_units"]


def prove(
    packs: Sequence[Pack],
    weights: Span | None = None,
    products: Sequence[Tablet] | None = None,
    proven: Proven | None = None,
) -> list[Verdict]:
    """Proves every table and every target dose of packs that are read together, given in the order of reading.

    weights: from and to how many kg (by default, the likely weights of the vocabulary); products: the tablets there are.
    proven: what was proven before; whoever proves many packs gives the same one each time.
    A layer may be proven alone: tables that it reads and that are not given may then have any outcome.
    """
    return [*prove_tables(packs, proven=proven), *prove_doses(packs, weights, products)]


def certified(pack: Pack, verdicts: Sequence[Verdict]) -> Certificate:
    """The certificate of a pack after its proof: it names the tables of which every check held."""
    failed = {verdict.table for verdict in verdicts if verdict.pack == pack.name and not verdict.ok}
    proven = tuple(table.name for table in pack.tables if table.name not in failed)
    return certificate(pack, proven, f"countwell packs prove {pack.name}", f"Z3 {z3.get_version_string()}")
