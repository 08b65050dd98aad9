"""Countwell runs azathioprine treatment: the counts, kept well."""

from countwell.exchange.record_json import read_record
from countwell.model.answers import Answer
from countwell.model.records import Record
from countwell.pack.load import load as load_pack
from countwell.questions.ask import ask

__all__ = ["Answer", "Record", "ask", "load_pack", "read_record"]
