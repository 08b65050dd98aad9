"""Four checks of every table: nobody without an answer, `clear` apart from the rules, no dead rule, worse is never milder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import z3

from countwell.engine.prove.again import Proven, amounts_in, hangs_on
from countwell.engine.prove.claims import Said, claims, holds, said_of, sayings
from countwell.engine.prove.patients import patient
from countwell.engine.prove.solving import Found, find, primed
from countwell.engine.prove.symbols import Formula, Symbol
from countwell.engine.prove.verdict import Verdict, in_words
from countwell.engine.prove.world import Place, World
from countwell.model.pack import Pack


def prove_tables(
    packs: Sequence[Pack], only: Collection[str] | None = None, proven: Proven | None = None
) -> list[Verdict]:
    """Proves every table of packs that are read together (or only those of these names), in the order of reading.

    proven: what was proven before, of other packs too; it is added to.
    """
    world = World(packs)
    wanted = [place for place in world.places if only is None or place.table.name in only]
    before = proven or Proven()
    return [verdict for place in wanted for verdict in _Proof(world, place).known(before)]


class _Proof:
    """The checks of one table."""

    def __init__(self, world: World, place: Place) -> None:
        self.world, self.place = world, place
        self.asked = world.asked(place)
        self.rules = {rule.name: world.holds(place, rule) for rule in place.table.rules}
        self.clear = world.clear(place)
        self.sayings = sayings(world, place)

    def known(self, proven: Proven) -> list[Verdict]:
        """All four checks, or what they said of just the same table before."""
        amounts = [formula for said in self.sayings for formula in amounts_in(said.level)]
        symbols = self._symbols(self.clear, *self.rules.values(), *amounts)
        return proven.verdicts(hangs_on(self.world, self.place, symbols), self.world, self.verdicts)

    def verdicts(self) -> Iterator[Verdict]:
        """All four checks."""
        if any(rule.advice for rule in self.place.table.rules) or self.place.table.clear is not None:
            yield self._coverage()
            yield from self._clear()
        yield from self._fires()
        yield self._worse()

    def _coverage(self) -> Verdict:
        line = self.place.table.line
        if self.place.table.clear is None:
            return self._verdict("coverage", line, False, "a table that gives advice needs a `clear:`.")
        found = self._find(z3.Not(z3.Or(self.clear, *self.rules.values())))
        if not found.possible:
            return self._verdict("coverage", line, True, "every patient meets a rule or `clear`" + _assuming(found))
        return self._failed("coverage", line, found, "no rule and no `clear` for")

    def _clear(self) -> Iterator[Verdict]:
        tried = [(rule, self._find(z3.And(self.clear, self.rules[rule.name]))) for rule in self.place.table.rules]
        for rule, found in tried:
            if found.possible:
                yield self._failed("clear", rule.line, found, f"`clear` and the rule `{rule.name}` both hold for")
        if not any(found.possible for _, found in tried):
            assuming = next((_assuming(found) for _, found in tried if found.assuming), "")
            yield self._verdict("clear", self.place.table.line, True, "`clear` touches no rule" + assuming)

    def _fires(self) -> Iterator[Verdict]:
        tried = [(rule, self._find(self.rules[rule.name])) for rule in self.place.table.rules]
        dead = [(rule, found) for rule, found in tried if not found.possible]
        for rule, found in dead:
            says = f"the rule `{rule.name}` can hold for no patient{_assuming(found)}."
            yield self._verdict("fires", rule.line, False, says)
        if self.place.table.clear is not None and not self._find(self.clear).possible:
            yield self._verdict("fires", self.place.table.line, False, "`clear` holds for no patient.")
        elif not dead:
            yield self._verdict("fires", self.place.table.line, True, "every rule can fire")

    def _worse(self) -> Verdict:
        told = {claim: holds(claim, self.sayings) for claim in claims(self.sayings) if claim.strict}
        symbols = self._symbols(*told.values())
        ways = {symbol: symbol.worse(self.place.pack.name) for symbol in symbols}
        primes = {symbol: _prime(symbol) for symbol, way in ways.items() if way != "none"}
        worse = z3.And(self.asked, *(_worse_or_equal(symbol, prime, ways[symbol]) for symbol, prime in primes.items()))
        lost = {claim: z3.And(worse, now, z3.Not(primed(now, primes))) for claim, now in told.items()}
        found = find(z3.Or(list(lost.values())), symbols, primes)
        if not found.possible:
            return self._verdict("worse", self.place.table.line, True, _worse_says(primes) + _assuming(found))
        claim, found = next((claim, it) for claim in told if (it := find(lost[claim], symbols, primes)).possible)
        return self._milder({other: now for other, now in told.items() if other.part == claim.part}, found)

    def _milder(self, told: dict[Said, Formula], found: Found) -> Verdict:
        """What the patient loses by getting worse, in the words of the part that is lost."""
        after = {claim: primed(now, found.primes) for claim, now in told.items()}
        first = patient(found)
        same = [formula == first.meets(formula) for formula in (*told.values(), *after.values())]
        witness = patient(found.meeting(z3.And(found.formula, *same)))
        now, then = (said_of(told, [claim for claim in told if witness.meets(its[claim])]) for its in (told, after))
        words = witness.in_words()
        says = f"worse is milder: {now} becomes {then} when {in_words(words)}"
        return self._verdict("worse", self.place.table.line, False, says, words)

    def _symbols(self, *formulas: Formula) -> list[Symbol]:
        return self.world.symbols.used_in(self.asked, *formulas)

    def _find(self, formula: Formula) -> Found:
        both = z3.And(self.asked, formula)
        return find(both, self._symbols(formula))

    def _failed(self, check: str, line: int, found: Found, says: str) -> Verdict:
        witness = patient(found).in_words()
        return self._verdict(check, line, False, f"{says}: {in_words(witness)}", witness)

    def _verdict(self, check: str, line: int, ok: bool, says: str, witness: dict[str, str] | None = None) -> Verdict:
        return Verdict(self.place.pack.name, self.place.table.name, check, ok, witness, says, line)


def _prime(symbol: Symbol) -> Formula:
    return z3.Const(f"{symbol.name}'", symbol.z3.sort())


def _worse_or_equal(symbol: Symbol, prime: Formula, way: str) -> Formula:
    if symbol.sort == "yes-no":
        return z3.Implies(symbol.z3, prime) if way == "higher" else z3.Implies(prime, symbol.z3)
    return prime >= symbol.z3 if way == "higher" else prime <= symbol.z3


def _worse_says(primes: dict[Symbol, Formula]) -> str:
    facts = ", ".join(symbol.label for symbol in primes)
    return f"worse is never milder ({facts})" if facts else "no fact has a worse direction"


def _assuming(found: Found) -> str:
    return f" (given {found.assuming})" if found.assuming else ""
