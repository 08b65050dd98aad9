"""The JSON Schema for editors: made from the key tables, and as strict as a schema can be."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from countwell.pack import schema
from countwell.pack.faults import Faults
from countwell.pack.load import SHIPPED
from countwell.pack.strict import Items, Keys, tree
from packs.sample import SAMPLE, sample

VALIDATOR = Draft202012Validator(schema.schema())


def as_text(node):
    """A tree as plain lists and mappings of texts."""
    match node:
        case Keys(of):
            return {key: as_text(value) for key, value in of.items()}
        case Items(of):
            return [as_text(item) for item in of]
        case _:
            return node.text


def test_the_schema_that_is_shipped_is_the_one_that_is_made():
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "Run python -m countwell.pack.schema."


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(json.loads(schema.text()))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_packs_keep_to_the_schema(path):
    text = path.read_text(encoding="utf-8")
    assert list(VALIDATOR.iter_errors(as_text(tree(text, Faults("f"))))) == []


def test_the_sample_keeps_to_the_schema_as_an_editor_reads_it():
    assert list(VALIDATOR.iter_errors(yaml.load(SAMPLE, yaml.CSafeLoader))) == []


@pytest.mark.parametrize(
    "change",
    [
        ("status: draft", "status: drafted"),
        ("version: 1.0.0", "version: one"),
        ("    clear: wbc", "    claer: wbc"),
        ("      due: [cbc]", "      deu: [cbc]"),
        ("3.5, unit: 10*9/L,", "3.5,"),
        ("{latest: wbc}", "{newest: wbc}"),
        ("{since: run}", "{since: walk}"),
        ("drug: stop,", "drug: withhold,"),
        ("dose: {ceiling: most}", "dose: {ceiling: most, floor: most}"),
        ("times: quarter, ", ""),
        ("  rigors: {", "  Rigors: {"),
    ],
    ids=lambda change: change[1],
)
def test_an_editor_underlines_a_mistake(change):
    assert list(VALIDATOR.iter_errors(yaml.load(sample(change), yaml.CSafeLoader))) != []
