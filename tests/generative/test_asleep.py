"""Rules on what nobody spoke of are passed over. They would not hold if they were asked."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from countwell import read_record
from countwell.engine.joined import PlacedRule
from countwell.engine.ready import ReadyPack
from countwell.engine.standing import Standing
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.model.rules import And, Compare, Condition, Holds, Or
from countwell.questions.ask import joined
from generative import strategies
from generative.making import AS_OF, Json, when


def asleep(sent: Json) -> tuple[Standing, Sequence[PlacedRule]]:
    """A patient, and the rules that are passed over."""
    at = when(AS_OF)
    standing = Standing(joined(sent["course"]["protocol"]), past_of(read_record(sent)), at, at, NOTHING_ASKED)
    spoken = standing.facts.spoken
    rules = [rule for rule in standing.joined.rules if rule.topics is not None and rule.topics.isdisjoint(spoken)]
    return standing, rules


@settings(max_examples=40)
@given(strategies.records())
def test_a_rule_that_is_passed_over_would_not_hold(sent: Json) -> None:
    standing, rules = asleep(sent)
    assert len(rules) > 20
    assert [rule.key for rule in rules if standing.state(rule) is not None] == []


JAUNDICE, NAUSEA, WBC = Holds("jaundice"), Holds("nausea", negated=True), Compare("wbc", "<=", "wbc_stop")


@pytest.mark.parametrize(
    ("condition", "topics"),
    [
        (JAUNDICE, {"jaundice"}),
        (NAUSEA, {"nausea"}),
        (WBC, None),
        (And((WBC, JAUNDICE)), {"jaundice"}),
        (Or((JAUNDICE, NAUSEA)), {"jaundice", "nausea"}),
        (Or((JAUNDICE, WBC)), None),
        (And((WBC, Or((JAUNDICE, NAUSEA)))), {"jaundice", "nausea"}),
        (And((Or((JAUNDICE, WBC)), WBC)), None),
    ],
)
def test_a_condition_sleeps_only_if_it_cannot_hold_without_what_nobody_spoke_of(
    condition: Condition, topics: set[str] | None
) -> None:
    assert ReadyPack(joined("cidp").protocol).topics(condition) == topics
