"""The glossary explains whatever the product shows."""

from __future__ import annotations

import pytest

from bureau.rules.lifecycle import State, Turn
from bureau.rules.routing import Queue
from config.glossary import QUEUES, STATES, TERMS, TURNS, explain, explain_adjustment


def test_every_state_turn_and_queue_has_its_line() -> None:
    assert set(STATES) == {str(state) for state in State if state is not State.NEW}
    assert set(TURNS) == {str(turn) for turn in Turn}
    assert set(QUEUES) == {str(queue) for queue in Queue} | {"OV-A", "OV-B"}


def test_no_key_means_two_things() -> None:
    keys = [*STATES, *TURNS, *QUEUES, *TERMS]
    assert len(keys) == len(set(keys))


def test_lines_are_plain_sentences() -> None:
    for book in (STATES, TURNS, QUEUES, TERMS):
        for key, entry in book.items():
            assert 2 <= len(entry.name) <= 40, key
            assert 15 <= len(entry.text) <= 110, key
            assert entry.text[0].isupper() or entry.text[0].isdigit(), key
            assert entry.text.endswith("."), key


@pytest.mark.parametrize("key", ["carc", "rarc", "era", "837P", "999", "277CA", "clearinghouse", "charge-lag", "Q7"])
def test_common_terms(key: str) -> None:
    entry = explain(key)
    assert entry is not None
    assert entry.text


def test_unknown_terms_have_no_line() -> None:
    assert explain("no such thing") is None


def test_adjustments_read_as_one_line() -> None:
    assert explain_adjustment("PR", "1") == "Patient: Deductible: the patient pays this part first."
    assert explain_adjustment("CO", "45").startswith("Contractual: ")
    assert "not in the published list" in explain_adjustment("CO", "ZZZ")
    assert explain_adjustment("??", "45").startswith("Charge above")
