"""The third opinion: the rules of the packs as DuckDB SQL, sharing neither code with the engine nor with the cohort's pass.

Read in this order: `ground` (the store as tables), `macros` (spans and calendar), `course`, `laboratory`, `movement`, `acts`, `life`,
`dispensed` (one table for each fact, one row for each case), `conditions` and `tables` (rules as three-valued SQL), `recurring`
(what asks again and again, and so what has lapsed), `acceptance`, `dates`, `doses`, `inputs`, `advice`, and `status`, which tells it
from top to bottom. `Status.texts` holds every statement that was run.

What SQL does not say: facts that only tables of another question read (`kinds.NOT_SAID`), since STATUS asks the review; a dose per kg
as a fact, which no rule reads; and what is not in the columns of STATUS (sentences, reasons, events behind a finding).
"""
