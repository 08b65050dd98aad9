"""Observations that hold a plain laboratory value and nothing else, many lines at once, as columns.

Whatever has a field that is not named here, or one twice, or a sign that changes its meaning is left to the reader of a single
patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.base.errors import RecordError
from countwell.cohort.incoming import fhir_moments
from countwell.cohort.incoming.members import Objects, objects
from countwell.cohort.incoming.moments import Moments
from countwell.cohort.incoming.observed import NOT_PLAIN, OF_QUANTITY, VALUE, Contents
from countwell.exchange.fhir.parts import is_modified
from countwell.exchange.strict_json import parse

MUST = ("resourceType", "id", "status", "effectiveDateTime")
NOT_READ = ("text", "encounter")
AS_SENT = ("code", "category", "interpretation", "performer", "referenceRange")
NAMES = (*MUST, "issued", "subject", VALUE, "meta", *AS_SENT, *NOT_READ)
OF_SUBJECT = ("reference", "display", "type")
OF_META, LISTS_OF_META = ("versionId", "lastUpdated", "source"), ("profile", "tag", "security")
PLAIN_ID, PLAIN_REFERENCE, PLAIN_VERSION = "^[A-Za-z0-9.-]+$", "^Patient/[A-Za-z0-9.-]+$", "^[A-Za-z0-9.-]*$"


class Plain(NamedTuple):
    """Plain lines as columns of one length. lines: which they are; reading, limits, lab: numbers of contents."""

    lines: np.ndarray
    patient: pa.Array
    id: pa.Array
    version: pa.Array
    reading: np.ndarray
    limits: np.ndarray
    lab: np.ndarray
    collected: Moments
    known: Moments


def plain_lines(block: np.ndarray, begins: np.ndarray, ends: np.ndarray, contents: Contents) -> Plain:
    """Those of the lines that are plain Observations; contents takes up what they hold."""
    sent = objects(block, begins, ends, NAMES)
    lines = np.flatnonzero(sent.plain & _has_form(sent))
    sent = sent.only(lines)
    reading, limits, lab = contents.numbers(sent, sent.within(VALUE, ("value", *OF_QUANTITY)))
    collected, known = (fhir_moments.of_texts(sent.texts(name)) for name in ("effectiveDateTime", "issued"))
    plain = (reading != NOT_PLAIN) & (limits != NOT_PLAIN) & (lab != NOT_PLAIN) & collected.plain & known.plain
    kept = np.flatnonzero(plain & collected.sent)
    sent = sent.only(kept)
    return Plain(
        lines=lines[kept],
        patient=sent.within("subject", OF_SUBJECT).texts("reference"),
        id=sent.texts("id"),
        version=sent.within("meta", (*OF_META, *LISTS_OF_META)).texts("versionId"),
        reading=reading[kept],
        limits=limits[kept],
        lab=lab[kept],
        collected=collected.only(kept),
        known=known.only(kept),
    )


def _has_form(sent: Objects) -> np.ndarray:
    """Whether everything but code, value, limits, laboratory and times has the form of a plain one."""
    subject, amount = sent.within("subject", OF_SUBJECT), sent.within(VALUE, ("value", *OF_QUANTITY))
    found = subject.plain & amount.plain & _is_meta_plain(sent)
    found &= _all([sent.is_text(name) for name in MUST]) & (sent.is_text("issued") | ~sent.is_there("issued"))
    found &= subject.is_text("reference") & _all([_is_text_or_missing(subject, name) for name in OF_SUBJECT])
    found &= _matches(sent.texts("id"), PLAIN_ID) & _matches(subject.texts("reference"), PLAIN_REFERENCE)
    found &= _matches(sent.texts("resourceType"), "^Observation$")
    return found & _all([_is_strict(sent, name) for name in NOT_READ])


def _is_meta_plain(sent: Objects) -> np.ndarray:
    meta = sent.within("meta", (*OF_META, *LISTS_OF_META))
    texts = _all([_is_text_or_missing(meta, name) for name in OF_META])
    version = _matches(meta.texts("versionId"), PLAIN_VERSION)
    lists = _all([_is_strict(meta, name) for name in LISTS_OF_META])
    return ~sent.is_there("meta") | (meta.plain & texts & version & lists)


def _all(conditions: Sequence[np.ndarray]) -> np.ndarray:
    return np.logical_and.reduce(conditions)


def _matches(texts: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(texts, pattern))


def _is_text_or_missing(sent: Objects, name: str) -> np.ndarray:
    return sent.is_text(name) | ~sent.is_there(name)


def _is_strict(sent: Objects, name: str) -> np.ndarray:
    """Whether each value of that name is strictly JSON and changes no meaning; so is one that is not there."""
    if not sent.is_there(name).any():
        return np.ones(len(sent.plain), bool)
    encoded = sent.values(name).dictionary_encode()
    return np.array([_is_sound(text) for text in encoded.dictionary.to_pylist()])[np.asarray(encoded.indices)]


def _is_sound(text: str) -> bool:
    try:
        return not text or not is_modified(parse(f'{{"":{text}}}'))
    except RecordError:
        return False
