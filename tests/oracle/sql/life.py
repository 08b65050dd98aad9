"""Facts about the person: symptoms, medicines, history, circumstances, genes, age and weight.

What was never asked is silent; what is absent from a list is *no* only while that list was confirmed recently.
"""

from __future__ import annotations

from countwell.cohort.columns import HIGH_OPEN, LOW_OPEN, NO_VALUE
from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import symptoms

from .course import COLUMN_OF, course
from .macros import EVERYTHING, FINE, UNIT
from .printed import listed, moved, number, word, words
from .sheet import Sheet


def said(sheet: Sheet) -> str:
    """All that was said of symptoms so far, with when it ended: by its own end or a later denial. n: newest first."""
    return sheet.make(
        "said",
        f"""
WITH heard AS (SELECT c.k, c.stamp AS as_of, s.word AS symptom, e.moment, e.began, e.ended, e.bits, e.ref,
        CASE e.more WHEN 1 THEN true WHEN 0 THEN false END AS present,
        CASE WHEN e.value <> {NO_VALUE} OR e.other <> {NO_VALUE} THEN span(low_end(e.value) * {FINE}::HUGEINT, e.flags & {LOW_OPEN} <> 0,
            high_end(e.other) * {FINE}::HUGEINT, e.flags & {HIGH_OPEN} <> 0) END AS span
    FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'symptom' AND e.began <= c.stamp
    JOIN word s ON s.list = 'symptoms' AND s.place = e.code),
denial AS (SELECT h.k, h.symptom, h.ref, min(d.began) AS stamp FROM heard h JOIN heard d ON d.k = h.k AND d.symptom = h.symptom
    AND d.present = false AND d.began > h.began GROUP BY ALL)
SELECT h.* EXCLUDE (ended), least(h.ended, d.stamp) AS ended, row_number() OVER (PARTITION BY h.k, h.symptom ORDER BY h.began DESC, h.ref DESC) AS n
FROM heard h LEFT JOIN denial d ON d.k = h.k AND d.symptom = h.symptom AND d.ref = h.ref
""",
    )


def _now(sheet: Sheet) -> str:
    """As of now: all that is open, else the last that was said; of what is over, its end counts as a denial."""
    return sheet.make(
        "said now",
        f"""
WITH open AS (SELECT * FROM {said(sheet)} WHERE present AND coalesce(ended > as_of, true)),
last AS (SELECT s.* REPLACE (CASE WHEN s.present THEN false ELSE s.present END AS present) FROM {said(sheet)} s
    ANTI JOIN open o ON o.k = s.k AND o.symptom = s.symptom
    QUALIFY row_number() OVER (PARTITION BY s.k, s.symptom ORDER BY s.began DESC, (s.present IS NULL) DESC, s.ref DESC) = 1)
SELECT * FROM open UNION ALL SELECT * FROM last
""",
    )


def _ever(sheet: Sheet, event: str) -> str:
    """At its worst since an event of the course, also if it is over."""
    return sheet.make(
        f"said since {event}",
        f"""
WITH since AS (SELECT s.* FROM {said(sheet)} s JOIN {course(sheet)} c USING (k) WHERE c.{COLUMN_OF[event]} IS NOT NULL
    AND CASE WHEN s.present THEN coalesce(s.ended >= c.{COLUMN_OF[event]}.stamp, true) ELSE s.began >= c.{COLUMN_OF[event]}.stamp END),
ranked AS (SELECT *, CASE WHEN present THEN 1 WHEN present IS NULL AND ended IS NULL THEN 2 WHEN present = false THEN 3 ELSE 4 END AS rank FROM since)
SELECT * EXCLUDE (rank) FROM ranked WHERE rank < 4
QUALIFY rank = min(rank) OVER (PARTITION BY k, symptom) AND (rank = 1 OR n = min(n) OVER (PARTITION BY k, symptom, rank))
""",
    )


def symptom(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Any of several symptoms: yes beats not known beats not asked beats no. with-any: with one of these details."""
    since = definition.param("since")
    source = _now(sheet) if since is None else _ever(sheet, since)
    if definition.param("value") is not None:
        return _amount(sheet, source, definition.of[0], highest=since is not None)
    details = definition.params.get("with-any")
    one_each = " UNION ALL ".join(
        _one(source, name, n, details if isinstance(details, tuple) else ()) for n, name in enumerate(definition.of)
    )
    return f"""
WITH one AS ({one_each}),
joined AS (SELECT k, count(*) AS n, bool_or(coalesce(truth, false)) AS yes, bool_or(truth IS NULL) AS not_known,
    flatten(list(starts) FILTER (truth)) AS all_starts, arg_min(starts, place) FILTER (truth IS NULL) AS open_starts, arg_min(starts, place) AS first_starts,
    arg_max(moment, {{'stamp': moment.stamp, 'first': -place}}) FILTER (truth) AS newest, arg_min(moment, place) FILTER (truth IS NULL) AS open,
    arg_min(moment, place) AS first FROM one GROUP BY k)
SELECT c.k, CASE WHEN j.yes THEN true WHEN j.not_known OR coalesce(j.n, 0) < {len(definition.of)} THEN NULL ELSE false END AS truth,
    truth IS NULL AND NOT coalesce(j.not_known, false) AS silent, false AS lapsed,
    CASE WHEN j.yes THEN j.newest WHEN j.not_known THEN j.open WHEN truth = false THEN j.first END AS moment, []::VARCHAR[] AS tests,
    CASE WHEN j.yes THEN j.all_starts WHEN j.not_known THEN j.open_starts WHEN truth = false THEN j.first_starts END AS starts
FROM {sheet.cases} c LEFT JOIN joined j USING (k)
"""


def _one(source: str, name: str, place: int, details: tuple[str, ...]) -> str:
    """One symptom: truth and moment of the newest that counts; details are looked for in all that count. starts: of all of them."""
    truth = "arg_min({'present': present}, n).present"
    if details:
        places = [
            list(symptoms()[name].details).index(detail) if detail in symptoms()[name].details else None
            for detail in details
        ]
        answers = [f"(bits >> {2 * one}) & 3" if one is not None else "0" for one in places]
        yes = " OR ".join(f"bool_or({answer} = 1)" for answer in answers)
        no = " AND ".join(f"bool_and({answer} = 2)" for answer in answers)
        truth = f"CASE WHEN NOT ({truth}) THEN false WHEN ({truth}) IS NULL THEN NULL WHEN {yes} THEN true WHEN {no} THEN false END"
    return f"SELECT k, {place} AS place, {truth} AS truth, arg_min(moment, n) AS moment, list(moment) AS starts FROM {source} WHERE symptom = {word(name)} GROUP BY k"


def _amount(sheet: Sheet, source: str, name: str, *, highest: bool) -> str:
    """How much: of the newest, of one moment the highest; since an event the highest of all. A plain yes means at least so much."""
    least = symptoms()[name].without_value
    assert least is not None
    counted = "true" if highest else "s.began = f.began"
    return f"""
WITH first AS (SELECT * FROM {source} WHERE symptom = {word(name)} QUALIFY row_number() OVER (PARTITION BY k ORDER BY n) = 1),
amount AS (SELECT s.k, s.n, s.moment, coalesce(s.span, span({number(least)}, false, {EVERYTHING}, true)) AS span
    FROM {source} s JOIN first f ON f.k = s.k WHERE s.symptom = {word(name)} AND f.present AND {counted}),
most AS (SELECT k, arg_max(a, {{'low': a.span.low, 'high': a.span.high, 'first': -a.n}}) AS a FROM amount a GROUP BY k)
SELECT c.k, CASE WHEN f.k IS NULL OR f.present IS NULL THEN everything() WHEN f.present THEN m.a.span ELSE nothing_there() END AS span,
    f.k IS NULL AS silent, false AS lapsed, CASE WHEN f.present THEN m.a.moment ELSE f.moment END AS moment, []::VARCHAR[] AS tests,
    alone(moment) AS starts
FROM {sheet.cases} c LEFT JOIN first f USING (k) LEFT JOIN most m USING (k)
"""


def _or_confirmed(
    sheet: Sheet, pack: Pack, definition: FactDefinition, found: str, of_list: str, also: str = ""
) -> str:
    """Yes if found (k, moment); else no while the list was gone through recently enough; else not known."""
    extra = ", CASE WHEN found THEN f.starts WHEN fresh THEN [l.moment] END AS starts" if also else ""
    return f"""
WITH found AS ({found}),
confirmed AS (SELECT c.k, arg_max(e.moment, (e.began, -e.ref)) AS moment FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient
    AND e.kind = 'list-confirmed' AND e.began <= c.stamp JOIN word w ON w.list = 'lists' AND w.place = e.code AND w.word = {word(of_list)} GROUP BY c.k)
SELECT c.k, f.k IS NOT NULL AS found, l.moment.day >= {moved("before", "c.day", pack, definition.param("confirmed"))} AS fresh,
    CASE WHEN found THEN true WHEN fresh THEN false END AS truth, false AS silent, NOT found AND NOT coalesce(fresh, true) AS lapsed,
    CASE WHEN found THEN f.moment WHEN fresh THEN l.moment END AS moment, []::VARCHAR[] AS tests{extra}
FROM {sheet.cases} c LEFT JOIN found f USING (k) LEFT JOIN confirmed l USING (k)
"""


def _meant(wanted: tuple[str, ...]) -> list[str]:
    """The words of the list of medicines that are, contain or belong to one of these."""
    listed_ones = [m for m, entry in medicines().items() if {m, *entry.contains, *entry.classes} & set(wanted)]
    return [*listed_ones, *(one for one in wanted if one not in medicines())]


def medicine(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether one of these medicines or classes is taken now. starts: when each of those taken began, where that is known."""
    found = f"""
SELECT c.k, (arg_max({{'moment': e.moment}}, (coalesce(e.began, -9223372036854775807), -e.ref))).moment AS moment,
    list(e.moment) FILTER (e.moment IS NOT NULL) AS starts
FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'medicine' AND coalesce(e.began <= c.stamp, true) AND coalesce(e.ended > c.stamp, true)
JOIN word w ON w.list = 'medicines' AND w.place = e.code AND w.word IN {words(_meant(definition.of))} GROUP BY c.k
"""
    return _or_confirmed(sheet, pack, definition, found, "medicines", also="starts")


def history(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether something happened before (`cause`: through a medicine)."""
    cause = definition.param("cause")
    by = (
        f"JOIN word b ON b.list = 'causes' AND b.place = e.more AND b.word = {word(cause)}" if cause is not None else ""
    )
    found = f"""
SELECT c.k, (arg_max({{'moment': e.moment}}, e.ref)).moment AS moment FROM {sheet.cases} c
JOIN happening e ON e.patient = c.patient AND e.kind = 'history' AND coalesce(e.began <= c.stamp, true)
JOIN word w ON w.list = 'histories' AND w.place = e.code AND w.word IN {words(definition.of)} {by} GROUP BY c.k
"""
    return _or_confirmed(sheet, pack, definition, found, "history")


def circumstance(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """A state of life: yes while it lasts, no once it ended or was denied, else not asked."""
    return f"""
WITH told AS (SELECT c.k, e.ref, e.moment, coalesce(e.began, -9223372036854775807) AS began,
        CASE WHEN e.ended <= c.stamp THEN false WHEN e.more = 1 THEN true WHEN e.more = 0 THEN false END AS truth
    FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'circumstance' AND coalesce(e.began <= c.stamp, true)
    JOIN word w ON w.list = 'circumstances' AND w.place = e.code AND w.word IN {words(definition.of)}),
joined AS (SELECT k, bool_or(coalesce(truth, false)) AS yes, bool_or(truth IS NULL) AS not_known,
    (arg_max({{'moment': moment}}, (began, -ref)) FILTER (truth)).moment AS newest, (arg_min({{'moment': moment}}, ref) FILTER (truth IS NULL)).moment AS open,
    (arg_min({{'moment': moment}}, ref)).moment AS first, list(moment) FILTER (truth AND moment IS NOT NULL) AS starts FROM told GROUP BY k)
SELECT c.k, CASE WHEN j.yes THEN true WHEN j.k IS NULL OR j.not_known THEN NULL ELSE false END AS truth, j.k IS NULL AS silent, false AS lapsed,
    CASE WHEN j.yes THEN j.newest WHEN j.not_known THEN j.open ELSE j.first END AS moment, []::VARCHAR[] AS tests,
    CASE WHEN j.yes THEN j.starts ELSE alone(moment) END AS starts
FROM {sheet.cases} c LEFT JOIN joined j USING (k)
"""


def gene(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Every phenotype still possible; `untested` when never ordered, any when ordered and not there yet."""
    name = definition.of[0]
    return f"""
WITH typed AS (SELECT c.k, bit_or(e.bits) AS bits, arg_max(e.moment, (e.began, -e.ref)) FILTER (e.more = 0) AS moment
    FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'genotype' AND e.began <= c.stamp
    JOIN word w ON w.list = 'genes' AND w.place = e.code AND w.word = {word(name)} GROUP BY c.k),
ordered AS (SELECT c.k, bool_or(e.more = 1) AS waits, arg_max(e.moment, (e.began, e.ref)) FILTER (e.more = 1) AS moment
    FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'order' AND e.began <= c.stamp
    JOIN word w ON w.list = 'tests' AND w.place = e.code AND w.word = {word(name.lower())} GROUP BY c.k),
phenotype AS (SELECT list(word) AS words FROM word WHERE list = 'phenotypes')
SELECT c.k, CASE WHEN t.k IS NOT NULL THEN (SELECT list(w.word) FROM word w WHERE w.list = 'phenotypes' AND (t.bits >> w.place) & 1 = 1)
        WHEN o.waits THEN (SELECT words FROM phenotype) ELSE {listed(["untested"])} END AS words,
    false AS several, false AS silent, false AS lapsed, CASE WHEN t.k IS NOT NULL THEN t.moment WHEN o.waits THEN o.moment END AS moment, []::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN typed t USING (k) LEFT JOIN ordered o USING (k)
"""


def weights(sheet: Sheet) -> str:
    """The weights that can be read, in thousandths of a kg; of one instant all that lies between them is possible."""
    return sheet.make(
        "weights",
        f"""
SELECT c.k, e.began AS stamp, arg_min(e.moment, e.ref) AS moment, min(e.value) AS low, max(e.other) AS high, row_number() OVER (PARTITION BY c.k ORDER BY e.began) AS n
FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'weight' AND e.began <= c.stamp
WHERE e.value <> {NO_VALUE} GROUP BY c.k, e.began
""",
    )


def weight(sheet: Sheet) -> str:
    """The newest weight; none while a newer one cannot be read."""
    return sheet.make(
        "weight",
        f"""
WITH unread AS (SELECT c.k, max(e.began) AS stamp FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'weight'
    AND e.began <= c.stamp AND e.value = {NO_VALUE} GROUP BY c.k)
SELECT w.* FROM {weights(sheet)} w LEFT JOIN unread u USING (k) WHERE u.stamp IS NULL OR u.stamp < w.stamp
QUALIFY row_number() OVER (PARTITION BY w.k ORDER BY w.stamp DESC) = 1
""",
    )


def person(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Age, sex, country; how old the weight is, and by how much it changed since the dose was last decided."""
    match definition.of[0]:
        case "age":
            return _since_day(sheet, "p.born", "JOIN patient p USING (patient)")
        case "weight-age":
            return _since_day(sheet, "w.moment.day", f"LEFT JOIN {weight(sheet)} w USING (k)")
        case "sex" | "country" as column:
            return f"SELECT c.k, CASE WHEN p.{column} IS NOT NULL THEN [p.{column}] END AS words, false AS several, false AS silent, false AS lapsed, no_moment() AS moment, []::VARCHAR[] AS tests FROM {sheet.cases} c JOIN patient p USING (patient)"
        case _:
            return _weight_change(sheet)


def _since_day(sheet: Sheet, day: str, source: str) -> str:
    return f"""
SELECT c.k, everything() AS span, {day} IS NOT NULL AS begun, {day} AS first_day, {day} AS last_day, false AS silent, false AS lapsed, no_moment() AS moment,
    no_moment() AS beginning, []::VARCHAR[] AS tests FROM {sheet.cases} c {source}
"""


def _weight_change(sheet: Sheet) -> str:
    """In percent of the weight at the last dose decision, else of the one before; too few weights: silent."""
    return f"""
WITH newest AS (SELECT k, max(n) AS n FROM {weights(sheet)} GROUP BY k HAVING max(n) > 1),
earlier AS (SELECT w.k, coalesce(max(w.n) FILTER (w.moment.day <= c.change.day), max(w.n)) AS n
    FROM {weights(sheet)} w JOIN newest USING (k) JOIN {course(sheet)} c USING (k) WHERE w.n < newest.n GROUP BY w.k),
pair AS (SELECT newest.k, now, was FROM newest JOIN earlier USING (k) JOIN {weights(sheet)} now ON now.k = newest.k AND now.n = newest.n
    JOIN {weights(sheet)} was ON was.k = newest.k AND was.n = earlier.n)
SELECT c.k, CASE WHEN p.k IS NULL THEN everything()
        ELSE exactly(greatest(abs(p.now.high - p.was.low), abs(p.now.low - p.was.high)) * {100 * UNIT}::HUGEINT // p.was.low) END AS span,
    p.k IS NULL AS silent, false AS lapsed, p.now.moment AS moment, []::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN pair p USING (k)
"""
