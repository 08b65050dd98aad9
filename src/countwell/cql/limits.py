"""How a library is read, and what it does not say and who says it then. Stands at the head of every library."""

from countwell.model.advice import LADDERS

_PLACES = "; ".join(f"{part}: {' < '.join(ladder)}" for part, ladder in LADDERS.items())

HOW_TO_READ = (
    "Each rule is a definition `table/rule`: true if it holds, false if not, null if it is not ruled out.",
    f"Each table comes to advice at least and at most, as places counted from 0. {_PLACES}.",
    (
        "A parameter that is not given is not known. An end of a number that is null is no limit; an earliest day that is"
        " null lies before all others. `is silent` is true where nothing requires it and nobody sent or asked it."
        " `has lapsed`: a result vouches no longer; `was` is what it was while it did."
    ),
)

CANNOT_SAY_HEADING = "What CQL does not say here:"
CANNOT_SAY = (
    (
        "How a fact comes about: which result counts (corrections, withdrawals, doubles, disputes, preliminary reports),"
        " units, limits of normal, when a good result lapses, what is required, and what is silent. Facts are parameters."
    ),
    (
        "Dates: when a test is due, by when a person decides, windows after a start or stop. The rules that set them are"
        " here, and what they ask for stands above them as a comment."
    ),
    "Doses: the tightest of several limits, tablets, plans with gates. The rules are here, as above.",
    (
        "The other packs of a protocol: they are libraries of their own. What they come to is given as `elsewhere`, table"
        " by table; the worst of each part counts. Tables that do not join, since an earlier pack has one of that name,"
        " are given as `views`."
    ),
    "Acceptance: that a named person accepted a rule, and that nothing worse has come since, is given as `accepted rules`.",
    "Reasons: which value, date and event stand behind a rule, what would settle what is not known, what to tell whom.",
    "Numbers of more than eight places: such a value is given as the open span between its neighbours of eight.",
    "Proofs: that the rules of a table cover everybody, and that worse is never milder, is proven of the pack.",
)

LESS_STRICT_HEADING = "Less strict than Countwell, which fills the same parameters:"
LESS_STRICT = (
    "The newest final result counts as it stands: doubles and disputes of one collection are not looked for.",
    "Preliminary results are not read, so they raise nothing. Nothing lapses: a result counts however old it is.",
    "A result with a comparator (`<0.5`) or in a unit that needs more than a factor is not known; it is not a span.",
    "A value that no adult can have is not known, and nobody is told. No patient on a report is compared with this one.",
    "Nothing is silent: what was never sent is not known, whether or not anything requires it.",
    "A medicine is *yes* by an active order with a listed code, and never *no*.",
)
