"""Identifiers: what is valid, what can never be real, and that one slip of a finger is found."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.identifiers import (
    PatientControlNumber,
    clean_identifier,
    ein_ok,
    group_control,
    interchange_control,
    make_test_ein,
    make_test_mbi,
    make_test_npi,
    mbi_ok,
    npi_ok,
    parse_pcn,
    pcn,
    read_reference,
    reference,
    set_control,
)


@pytest.mark.parametrize(
    ("npi", "real", "in_tests"),
    [
        ("1234567893", True, True),
        ("1234567890", False, False),
        ("1243567893", False, False),  # two digits swapped
        ("2234567891", True, True),
        ("3234567899", False, False),
        ("9999970099", False, False),
        ("123456789", False, False),
        ("12345678930", False, False),
        ("123456789X", False, False),
        ("", False, False),
        ("\u0661234567893", False, False),
    ],
)
def test_npi(npi: str, *, real: bool, in_tests: bool) -> None:
    assert npi_ok(npi) is real
    assert npi_ok(npi, test_ids=True) is in_tests


def test_only_one_last_digit_makes_an_npi() -> None:
    for first_nine in ("123456789", "200000000", "187654321"):
        assert sum(npi_ok(first_nine + digit) for digit in "0123456789") == 1


def test_made_npis_are_distinct_and_never_real() -> None:
    made = {make_test_npi(number) for number in range(0, 100_000, 7)}
    assert len(made) == len(range(0, 100_000, 7))
    for npi in list(made)[:500]:
        assert npi_ok(npi, test_ids=True)
        assert not npi_ok(npi)
    with pytest.raises(ValueError, match="outside"):
        make_test_npi(100_000)


@pytest.mark.parametrize(
    ("mbi", "real"),
    [
        ("1EG4TE5MK73", True),
        ("1EG4TE5MK7", False),
        ("0EG4TE5MK73", False),
        ("1SG4TE5MK73", False),
        ("1EG4TE5MO73", False),
        ("1eg4te5mk73", False),
        ("1EG4-TE5-MK73", False),
    ],
)
def test_mbi(mbi: str, *, real: bool) -> None:
    assert mbi_ok(mbi) is real


def test_cleaning_makes_identifiers_comparable() -> None:
    assert mbi_ok(clean_identifier(" 1eg4-te5-mk73 "))


def test_made_mbis_are_distinct_and_never_real() -> None:
    made = {make_test_mbi(number) for number in range(20_000)}
    assert len(made) == 20_000
    for mbi in list(made)[:500]:
        assert mbi_ok(mbi, test_ids=True)
        assert not mbi_ok(mbi)


def test_published_synthetic_mbis_are_test_ids(shared_data: Path) -> None:
    with (shared_data / "cms_synthetic/synthetic_mbi_sample.csv").open(newline="") as file:
        mbis = [row["BENE_MBI_ID"] for row in csv.DictReader(file)]
    assert len(mbis) == 400
    assert not any(mbi_ok(mbi) for mbi in mbis)
    assert sum(mbi_ok(mbi, test_ids=True) for mbi in mbis) == 400


@pytest.mark.parametrize(
    ("ein", "ok"),
    [
        ("521234567", True),
        ("123456789", False),
        ("111111111", False),
        ("071234567", False),
        ("52123456", False),
        ("52-1234567", False),
        ("001234567", False),
    ],
)
def test_ein(ein: str, *, ok: bool) -> None:
    assert ein_ok(ein) is ok


def test_made_eins_pass_only_as_test_ids() -> None:
    ein = make_test_ein(4711)
    assert ein_ok(ein, test_ids=True)
    assert not ein_ok(ein)


# -- references -----------------------------------------------------------------------------------------

KINDS = st.from_regex(r"[A-Z]{2,4}", fullmatch=True)
NUMBERS = st.integers(0, 10**12)


@given(KINDS, NUMBERS)
def test_references_read_back_however_they_are_typed(kind: str, number: int) -> None:
    text = reference(kind, number)
    assert read_reference(text) == (kind, number)
    assert read_reference(f"  {text.lower()} ") == (kind, number)
    assert read_reference(text.replace("-", "")) == (kind, number)
    assert read_reference(text.replace("-", " ")) == (kind, number)


def test_a_misread_letter_for_a_digit_is_forgiven() -> None:
    text = reference("CLM", 1001)
    kind, digits, check = text.split("-")
    assert read_reference(f"{kind}-{digits.replace('0', 'O').replace('1', 'l')}-{check}") == ("CLM", 1001)


@given(KINDS, st.integers(0, 10**9), st.data())
def test_one_wrong_digit_is_found(kind: str, number: int, data: st.DataObject) -> None:
    digits = str(number)
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    check = reference(kind, number)[-1]
    assert read_reference(f"{kind}-{digits[:place]}{other}{digits[place + 1 :]}-{check}") is None


@given(KINDS, st.integers(10, 10**9), st.data())
def test_two_swapped_digits_are_found(kind: str, number: int, data: st.DataObject) -> None:
    digits = list(str(number))
    one = data.draw(st.integers(0, len(digits) - 2))
    two = data.draw(st.integers(one + 1, len(digits) - 1))
    swapped = digits.copy()
    swapped[one], swapped[two] = digits[two], digits[one]
    check = reference(kind, number)[-1]
    same = swapped == digits
    assert (read_reference(f"{kind}-{''.join(swapped)}-{check}") is not None) is same


def test_a_wrong_kind_is_found() -> None:
    for letter in "ABDEFGHIJKLMNOPQRSTUVWXYZ":
        assert read_reference(f"{letter}LM" + reference("CLM", 4711)[3:]) is None


@pytest.mark.parametrize("text", ["", "CLM", "CLM-", "4711", "CLM--K", "CLM-47-11-K", "CLM-" + "9" * 99, "clm 4711 !"])
def test_junk_is_no_reference(text: str) -> None:
    assert read_reference(text) is None


def test_references_are_made_only_of_good_parts() -> None:
    for kind, number in (("clm", 1), ("C", 1), ("CLAIM", 1), ("CLM", -1)):
        with pytest.raises(ValueError, match="reference"):
            reference(kind, number)


# -- control numbers ------------------------------------------------------------------------------------


@given(st.integers(0, 32**4 - 1), st.integers(0, 32**7 - 1), st.integers(0, 32**2 - 1))
def test_control_numbers_read_back(client: int, filing: int, attempt: int) -> None:
    text = pcn(client, filing, attempt)
    assert re.fullmatch(r"[A-Z0-9]{15}", text)
    assert parse_pcn(text) == parse_pcn(f" {text.lower()} ") == PatientControlNumber(client, filing, attempt)


def test_control_numbers_are_unique() -> None:
    made = {pcn(c, f, a) for c in (1, 2, 31, 32) for f in range(2000) for a in (1, 2, 33)}
    assert len(made) == 4 * 2000 * 3


@given(st.integers(0, 32**4 - 1), st.integers(0, 32**7 - 1), st.data())
def test_damaged_control_numbers_are_found(client: int, filing: int, data: st.DataObject) -> None:
    text = list(pcn(client, filing, 1))
    one, two = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 14))
    swapped = text.copy()
    swapped[one], swapped[two] = text[two], text[one]
    assert swapped == text or parse_pcn("".join(swapped)) is None
    wrong = text.copy()
    wrong[one] = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    assert wrong == text or parse_pcn("".join(wrong)) is None


@pytest.mark.parametrize("text", ["", "B", "26463774", "B0001000000901", "A00010000001011", "B0001000000I011"])
def test_control_numbers_of_others_are_none_of_ours(text: str) -> None:
    assert parse_pcn(text) is None


def test_a_control_number_refuses_to_overflow() -> None:
    for parts in ((32**4, 1, 1), (1, 32**7, 1), (1, 1, 1024), (-1, 1, 1)):
        with pytest.raises(ValueError, match="outside"):
            pcn(*parts)


def test_envelope_control_numbers() -> None:
    assert interchange_control(1) == "000000001"
    assert interchange_control(999_999_999) == "999999999"
    assert interchange_control(1_000_000_000) == "000000001"
    assert group_control(42) == "42"
    assert set_control(7) == "0007"
    assert set_control(123_456) == "123456"
