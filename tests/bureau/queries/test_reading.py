"""The pure parts of the read side: cursors that cannot be forged into failures, excerpts of files, code search."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bureau.queries.coding import find_codes
from bureau.queries.exchange import cut_out
from bureau.queries.paging import cut, moment, read_cursor, whole, write_cursor

SENT = (
    "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *260302*1200*^*00501*000000001*0*T*:~"
    "GS*HC*US*THEM*20260302*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*1*20260302*1200*CH~"
    "HL*1**20*1~NM1*85*2*CLINIC*****XX*9999000018~"
    "HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*ROE*ANN****MI*M1~CLM*ONE*100***11:B:1*Y*A*Y*Y~HI*ABK:J0190~LX*1~"
    "SV1*HC:G0463*100*UN*1***1~"
    "HL*3*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*BOB****MI*M2~CLM*TWO*50***11:B:1*Y*A*Y*Y~LX*1~SV1*HC:G0008*50*UN*1***1~"
    "SE*18*0001~GE*1*1~IEA*1*000000001~"
)
PAID = (
    "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *260302*1200*^*00501*000000002*0*T*:~"
    "GS*HP*THEM*US*20260302*1200*2*X*005010X221A1~ST*835*0001~BPR*I*90*C*ACH************20260303~TRN*1*T1*1000000901~"
    "N1*PR*PAYER~N1*PE*CLINIC*XX*9999000018~LX*1~CLP*ONE*1*100*80*20*12*ICN1~CAS*PR*2*20~CLP*TWO*1*50*10**12*ICN2~"
    "CAS*CO*45*40~CLP*ONE*22*-100*-80**12*ICN1~PLB*9999000018*20261231*WO:X*-80~SE*12*0001~GE*1*2~IEA*1*000000002~"
)
TOLD = (
    "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *260302*1200*^*00501*000000003*0*T*:~"
    "GS*HN*THEM*US*20260302*1200*3*X*005010X214~ST*277*0001*005010X214~HL*1**20*1~HL*2*1*21*1~HL*3*2*19*1~"
    "HL*4*3*PT~NM1*QC*1*ROE*ANN~TRN*2*ONE~STC*A2:20:PR*20260302*WQ*100~"
    "HL*5*3*PT~NM1*QC*1*DOE*BOB~TRN*2*TWO~STC*A7:164:IL*20260302*U*50~SE*12*0001~GE*1*3~IEA*1*000000003~"
)


def ids(kind: str, text: str, pcn: str) -> list[str]:
    return [node.raw.split("*")[0] + "*" + node.raw.split("*")[1] for node in cut_out(kind, text, pcn)]


def test_the_part_of_an_837_is_the_subscriber_and_the_claim():
    assert ids("837P", SENT, "ONE") == ["HL*2", "SBR*P", "NM1*IL", "CLM*ONE", "HI*ABK:J0190", "LX*1", "SV1*HC:G0463"]
    assert ids("837P", SENT, "TWO") == ["HL*3", "SBR*P", "NM1*IL", "CLM*TWO", "LX*1", "SV1*HC:G0008"]


def test_the_part_of_an_835_is_every_payment_of_the_claim():
    assert ids("835", PAID, "ONE") == ["CLP*ONE", "CAS*PR", "CLP*ONE"]
    assert ids("835", PAID, "TWO") == ["CLP*TWO", "CAS*CO"]


def test_the_part_of_a_277ca_is_the_patient_level():
    assert ids("277CA", TOLD, "TWO") == ["HL*5", "NM1*QC", "TRN*2", "STC*A7:164:IL"]


@pytest.mark.parametrize("kind", ["837P", "835", "277CA"])
@pytest.mark.parametrize("text", ["", "nothing", SENT[:120], SENT, PAID])
def test_a_claim_that_is_not_in_the_file_has_no_part(kind, text):
    assert cut_out(kind, text, "NONE") == []


def test_a_cursor_is_read_back_as_it_was_written():
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert read_cursor(write_cursor((at, -5, 17)), moment, whole, whole) == (at, -5, 17)


@pytest.mark.parametrize("text", ["", "x", "1", "1~2~3", "2026-03-02T15:00:00~1", f"{'9' * 30}~1", "1~--", "~"])
def test_a_cursor_nobody_wrote_counts_as_none(text):
    assert read_cursor(text, moment, whole) is None


def test_a_page_knows_whether_there_is_a_next_one():
    assert cut([1, 2, 3], lambda row: (row,), 2).after == "2"
    assert cut([1, 2], lambda row: (row,), 2).after == ""
    assert cut([], lambda row: (row,), 2).rows == []


def test_codes_are_found_by_words_and_by_their_beginning():
    on = date(2026, 3, 2)
    by_code = find_codes("J01.9", on)
    assert any(found.code == "J0190" and not found.is_procedure for found in by_code)
    by_words = find_codes("sinusitis acute", on)
    assert by_words
    assert all("sinusitis" in found.text.casefold() and "acute" in found.text.casefold() for found in by_words)
    assert any(found.is_procedure for found in find_codes("influenza", on))
    assert len(find_codes("fracture", on)) == 12
    assert find_codes("", on) == []
    assert find_codes("no such thing at all", on) == []
