"""A result of which it is said that it will be received on a day to come is not hidden from whoever reads the record today."""

import json

import pytest
from click.testing import CliRunner

from countwell import ask, read_record
from countwell.cli import ask as command
from countwell.exchange.receipts import received_by
from generative.making import AS_OF, Json, record, result, steady, when

NOW = when(AS_OF)
RECEIVED = [
    ("2026-03-02T09:00", False),
    ("2026-03-02T18:00", False),
    ("2026-03-03T23:59", False),
    ("2026-03-04", True),
    ("2026-03-31T09:00", True),
]


def late(received: str, value: str = "1.1", **more: object) -> Json:
    return record([*steady(last="2026-02-28"), result("wbc", value, id="a1", received=received, **more)])


@pytest.mark.parametrize(("received", "doubted"), RECEIVED)
def test_a_receipt_after_tomorrow_is_not_believed(received: str, doubted: bool) -> None:
    said = ask("review", received_by(read_record(late(received)), NOW), as_of=NOW).to_json()
    assert [item["field"] for item in said["refused"]] == ["received"] * doubted
    assert (said["advice"]["drug"] == "stop") == (doubted or received == "2026-03-02T09:00")


@pytest.mark.parametrize("status", ["corrected", "amended", "cancelled", "entered-in-error"])
def test_what_corrects_or_withdraws_is_told_of_and_not_brought_forward(status: str) -> None:
    sent = read_record(late("2026-03-31T09:00", status=status))
    said = ask("review", received_by(sent, NOW), as_of=NOW).to_json()
    assert [(item["field"], item["critical"]) for item in said["refused"]] == [
        ("received", status in ("corrected", "amended"))
    ]
    assert said["advice"]["drug"] == "continue"
    assert "continue" not in said["actions"]


def test_a_slip_of_the_year_is_told_of_once() -> None:
    said = ask("review", received_by(read_record(late("2027-03-05T09:00")), NOW), as_of=NOW).to_json()
    assert [item["field"] for item in said["refused"]] == ["received"]


@pytest.mark.parametrize(("asked", "drug"), [([], "stop"), (["--as-of", "2026-03-02T10:00"], "continue")])
def test_the_command_asks_the_clock_only_if_it_is_asked_of_now(asked, drug, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("countwell.cli.ask.now", lambda: NOW.at)
    (tmp_path / "r.json").write_text(json.dumps(late("2026-03-31T09:00")))
    done = CliRunner().invoke(command.ask, ["review", str(tmp_path / "r.json"), "--json", *asked])
    assert json.loads(done.stdout)["advice"]["drug"] == drug
