"""Code sets: complete where they must be, dated where they change, in our own words everywhere."""

from __future__ import annotations

import csv
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from config import codes
from config.codes import (
    SELF_PAY,
    CarcKind,
    Labels,
    Lane,
    carc,
    carcs,
    label,
    labels,
    modifier_ok,
    payers,
    place_ok,
    taxonomy_ok,
)

TABLES = Path(codes.__file__).parent / "tables"


def published(shared_data: Path, name: str) -> dict[str, str]:
    with (shared_data / "reference" / name).open(encoding="utf-8-sig", newline="") as file:
        return {row[0]: row[1] for row in list(csv.reader(file))[1:]}


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


# -- adjustment reasons -----------------------------------------------------------------------------------


def test_every_published_adjustment_reason_is_known(shared_data: Path) -> None:
    theirs = set(published(shared_data, "x12_carc_as_published_by_cms.csv"))
    assert set(carcs()) == theirs
    assert carc("ZZZ") is None
    assert carc("999") is None


def test_no_wording_is_a_copy_of_the_published_one(shared_data: Path) -> None:
    theirs = published(shared_data, "x12_carc_as_published_by_cms.csv")
    copies = [
        code
        for code, ours in carcs().items()
        if len(plain(ours.text)) > 12 and SequenceMatcher(None, ours.text, theirs[code]).ratio() > 0.93
    ]
    assert copies == []


def test_wordings_are_one_plain_line() -> None:
    worded = [ours for ours in carcs().values() if ours.kind is not CarcKind.RETIRED]
    assert len(worded) >= 290
    for ours in worded:
        assert 12 <= len(ours.text) <= 90, ours
        assert ours.text[0].isupper(), ours
        assert ours.text.endswith("."), ours
    assert carc("D5").text == "Adjustment reason D5: no longer in use."  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("code", "kind", "lane"),
    [
        ("1", CarcKind.PATIENT, None),
        ("2", CarcKind.PATIENT, None),
        ("3", CarcKind.PATIENT, None),
        ("45", CarcKind.CONTRACTUAL, None),
        ("253", CarcKind.CONTRACTUAL, None),
        ("23", CarcKind.PRIOR_PAYER, None),
        ("225", CarcKind.INTEREST, None),
        ("59", CarcKind.REDUCTION, None),
        ("42", CarcKind.RETIRED, None),
        ("16", CarcKind.DENIAL, Lane.FIX),
        ("18", CarcKind.DENIAL, Lane.FIX),
        ("4", CarcKind.DENIAL, Lane.FIX),
        ("97", CarcKind.DENIAL, Lane.FIX),
        ("22", CarcKind.DENIAL, Lane.COB),
        ("27", CarcKind.DENIAL, Lane.COB),
        ("252", CarcKind.DENIAL, Lane.RECORDS),
        ("226", CarcKind.DENIAL, Lane.RECORDS),
        ("29", CarcKind.DENIAL, Lane.ROUTE),
        ("50", CarcKind.DENIAL, Lane.ROUTE),
        ("197", CarcKind.DENIAL, Lane.ROUTE),
        ("96", CarcKind.DENIAL, Lane.WRITE_OFF),
        ("204", CarcKind.DENIAL, Lane.WRITE_OFF),
        ("119", CarcKind.DENIAL, Lane.WRITE_OFF),
        ("B7", CarcKind.DENIAL, Lane.FIX),
        ("B20", CarcKind.DENIAL, Lane.FIX),
        ("236", CarcKind.DENIAL, Lane.FIX),
    ],
)
def test_what_a_reason_does(code: str, kind: CarcKind, lane: Lane | None) -> None:
    found = carc(code)
    assert found is not None
    assert (found.kind, found.lane, found.is_denial) == (kind, lane, kind is CarcKind.DENIAL)


def test_denials_and_only_denials_have_a_lane() -> None:
    for ours in carcs().values():
        assert (ours.lane is not None) == ours.is_denial, ours


def test_sixteen_always_comes_with_a_remark_and_every_remark_is_worded() -> None:
    assert carc("16").rarcs  # type: ignore[union-attr]
    for ours in carcs().values():
        for rarc in ours.rarcs:
            assert label(Labels.RARC, rarc), (ours.code, rarc)


# -- plain lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (Labels.GROUP, "CO PR OA PI"),
        (Labels.CLAIM_RESULT, "1 2 3 4 19 20 21 22 23 25"),
        (Labels.PLB, "WO FB L6 72 CS IR AP B2 J1 LE 50 51 90"),
        (Labels.STATUS_CATEGORY, "A0 A1 A2 A3 A4 A5 A6 A7 A8 P0 P1 P2 P3 P4 F0 F1 F2 F3 F4 R0 E0"),
        (
            Labels.STATUS,
            "19 20 21 54 116 145 164 187 218 247 254 255 306 453 454 464 476 477 480 496 507 535 562",
        ),
        (Labels.ENTITY, "85 82 IL QC PR 41 40 77 DN DK 87 AY"),
        (Labels.PLACE, "02 10 11 12 19 20 21 22 23 24 31 32 49 50 71 72 81 99"),
        (Labels.FILING, "CI BL MB MC HM 16 WC AM CH VA ZZ"),
        (Labels.MODIFIER, "LT RT GT JW JZ KX XU GA QW TC"),
        (Labels.TAXONOMY, "207Q00000X 208000000X 207X00000X 207N00000X 2084P0800X 225100000X"),
        (Labels.RARC, "MA130 M51 M76 N290 N382 N4 M15 N130"),
    ],
)
def test_lists_hold_what_the_trade_uses(kind: Labels, known: str) -> None:
    for code in known.split():
        assert label(kind, code), code
    assert label(kind, "no such code") == ""


def test_lists_are_frozen_and_short() -> None:
    for kind in Labels:
        for code, text in labels(kind).items():
            assert 3 <= len(text) <= 80, (kind, code)
    with pytest.raises(TypeError):
        labels(Labels.GROUP)["XX"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(("code", "ok"), [("11", True), ("10", True), ("77", False), ("1", False), ("", False)])
def test_place_of_service(code: str, *, ok: bool) -> None:
    assert place_ok(code) is ok


@pytest.mark.parametrize(
    ("code", "ok"),
    [
        ("25", True),
        ("99", True),
        ("LT", True),
        ("XU", True),
        ("21", False),
        ("2", False),
        ("ZQ", False),
        ("lt", False),
    ],
)
def test_modifiers(code: str, *, ok: bool) -> None:
    assert modifier_ok(code) is ok


def test_taxonomies_have_the_right_form() -> None:
    for code in labels(Labels.TAXONOMY):
        assert taxonomy_ok(code), code
    for wrong in ("207Q00000", "207Q00000XX", "207q00000x", "", "ABCQ00000X"):
        assert not taxonomy_ok(wrong)


# -- payers -----------------------------------------------------------------------------------------------


def test_payers_are_whole_and_marked_as_defaults() -> None:
    assert sum(payer.in_demo for payer in payers().values()) == 5
    assert {payer.kind for payer in payers().values()} == {
        *("commercial", "medicare", "medicare_advantage", "medicaid"),
        *("managed_medicaid", "marketplace", "self_pay"),
    }
    for payer in payers().values():
        assert label(Labels.FILING, payer.filing_code), payer
        if payer.payer_id != SELF_PAY:
            assert payer.source.startswith("default:")
            assert 60 <= payer.timely_filing_days <= 365
            assert 0 < payer.denial_bp < 5000
            assert payer.median_pay_days >= payer.floor_days
