"""An institutional claim with everything in it: its text and the value it is read into; and a small one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import (
    Attachment,
    ClaimExtras,
    Condition,
    Contract,
    Dated,
    Drug,
    LineDecision,
    LineExtras,
    OtherPayer,
    Repricing,
)
from bureau.x12.values837i import CodedDiagnosis, DatedCode, InstitutionalClaim, InstitutionalLine, ValueCode
from tests.bureau.x12.texts import wrap

HEAD = """
    BHT*0019*00*REF1*20260302*0930*CH
    NM1*41*2*DESK*****46*SND
    PER*IC*ANN*TE*5550100000
    NM1*40*2*HUB*****46*RCV
    HL*1**20*1
    PRV*BI*PXC*282N00000X
    NM1*85*2*HOSPITAL*****XX*9999000018
    N3*1 MAIN STREET
    N4*SALEM*OR*973010002
    REF*EI*990000001
    NM1*87*2
    N3*PO BOX 1
    N4*SALEM*OR*973010009
    HL*2*1*22*1
    SBR*P**GRP1*GOLD PLAN*****CI
    NM1*IL*1*DOE*JANE****MI*M1
    NM1*PR*2*PAYER*****PI*P1
    REF*G2*77
    HL*3*2*23*0
    PAT*19
    NM1*QC*1*DOE*JOHN
    N3*2 ELM STREET
    N4*SALEM*OR*973010003
    DMG*D8*20100501*M
"""
CLAIM = """
    CLM*A1*1100.25***11:A:1**A*Y*Y***********7
    DTP*096*TM*1130
    DTP*434*RD8*20260110-20260114
    DTP*435*DT*202601101405
    DTP*050*D8*20260116
    CL1*1*7*01
    PWK*OZ*EL***AC*ATT1
    CN1*02*50
    AMT*F3*12.5
    REF*G1*AUTH1
    REF*9F*REFERRAL1
    REF*F8*ICN1
    REF*D9*TRACE1
    REF*EA*MED1
    K3*FILE NOTE
    NTE*ADD*A NOTE
    NTE*DCP*ANOTHER
    CRC*ZZ*Y*ST
    HI*ABK:K5730:::::::Y
    HI*ABJ:R1030
    HI*APR:R1030*APR:R112
    HI*ABN:W19XXXA:::::::N*ABN:Y92230
    HI*DR:330
    HI*ABF:E119:::::::Y*ABF:I10:::::::U
    HI*ABF:J449
    HI*BBR:0DTN0ZZ:D8:20260111
    HI*BBQ:0DJD8ZZ:D8:20260112*BBQ:3E0336Z:D8:20260113
    HI*BI:70:RD8:20251201-20251205
    HI*BH:11:D8:20260109*BH:A1:D8:19700131
    HI*BE:01:::850.5*BE:80:::4
    HI*BG:07*BG:C5
    HI*TC:A2
    HCP*00*900.5*199.75*ORG1
    NM1*71*1*ROE*RAY****XX*9999000026
    PRV*AT*PXC*207R00000X
    REF*0B*LIC1
    NM1*72*1*LEE*ANN****XX*9999000034
    NM1*ZZ*1*POE*IDA****XX*9999000042
    NM1*82*1*FAY*MAX****XX*9999000059
    NM1*77*2*OTHER CAMPUS*****XX*9999000067
    N3*9 HILL ROAD
    N4*SALEM*OR*973010007
    NM1*DN*1*KAY*SUE****XX*9999000075
    SBR*S*18*GRP2*SILVER*****MB
    CAS*PR*1*100**2*50.25
    AMT*D*900
    AMT*EAF*150.25
    AMT*A8*50
    OI***Y***Y
    MIA*4***1000***********0**MA01
    MOA***MA07
    NM1*IL*1*DOE*JIM****MI*M2
    NM1*PR*2*OTHER PAYER*****PI*P2
    DTP*573*D8*20260201
    REF*F8*ICN2
    NM1*71*1
    REF*G2*X1
    LX*1
    SV2*0120**1000*DA*4**25.5
    LX*2
    SV2*0250*HC:J1885:JW:59:::KETOROLAC*100.25*UN*2.5
    PWK*OB*BM***AC*ATT2
    DTP*472*RD8*20260111-20260112
    REF*6R*A1L2
    REF*9D*ADJ
    AMT*GT*1.1
    AMT*N8*2.2
    NTE*TPO*LINE NOTE
    HCP*00*90
    LIN**N4*00011122233
    CTP****2*ML
    REF*XZ*RX1
    NM1*72*1*LEE*ANN****XX*9999000034
    REF*0B*LIC2
    SVD*P2*80.25*HC:J1885*0250*2.5*3
    CAS*CO*45*20
    DTP*573*D8*20260201
    AMT*EAF*5
"""


def person(name: str, first: str, number: str, segment: int, **more: object) -> Party:
    return Party(name, first, is_person=True, id_kind="XX", id=number, segment=segment, **more)  # type: ignore[arg-type]


EXPECTED = InstitutionalClaim(
    "A1", 110_025, "11", "1",
    Party("HOSPITAL", id_kind="XX", id="9999000018", street="1 MAIN STREET", city="SALEM", state="OR", zip="973010002",
          tax_id="990000001", taxonomy="282N00000X"),
    Party("DOE", "JANE", is_person=True, id_kind="MI", id="M1"),
    Party("PAYER", id_kind="PI", id="P1", refs=(("G2", "77"),)),
    "P", "CI", "GRP1", "GOLD PLAN", "19",
    Party("DOE", "JOHN", is_person=True, street="2 ELM STREET", city="SALEM", state="OR", zip="973010003",
          birth=date(2010, 5, 1), sex="M"),
    pay_to=Party(street="PO BOX 1", city="SALEM", state="OR", zip="973010009"),
    assignment="A", benefits="Y", release="Y",
    statement_from=date(2026, 1, 10), statement_to=date(2026, 1, 14),
    admitted=date(2026, 1, 10), admission_hour="1405", discharge_hour="1130",
    admission_type="1", admission_source="7", patient_status="01",
    principal=CodedDiagnosis("K5730", "Y"), admitting="R1030", reasons=("R1030", "R112"),
    external_causes=(CodedDiagnosis("W19XXXA", "N"), CodedDiagnosis("Y92230")),
    other_diagnoses=(CodedDiagnosis("E119", "Y"), CodedDiagnosis("I10", "U"), CodedDiagnosis("J449")),
    drg="330", principal_procedure=DatedCode("0DTN0ZZ", date(2026, 1, 11)),
    procedures=(DatedCode("0DJD8ZZ", date(2026, 1, 12)), DatedCode("3E0336Z", date(2026, 1, 13))),
    occurrence_spans=(DatedCode("70", date(2025, 12, 1), date(2025, 12, 5)),),
    occurrences=(DatedCode("11", date(2026, 1, 9)), DatedCode("A1", date(1970, 1, 31))),
    value_codes=(ValueCode("01", 85_050), ValueCode("80", 400)),
    condition_codes=("07", "C5"), treatment_codes=("A2",),
    attending=person("ROE", "RAY", "9999000026", 0, taxonomy="207R00000X", refs=(("0B", "LIC1"),)),
    operating=person("LEE", "ANN", "9999000034", 0), other_operating=person("POE", "IDA", "9999000042", 0),
    rendering=person("FAY", "MAX", "9999000059", 0),
    facility=Party("OTHER CAMPUS", id_kind="XX", id="9999000067", street="9 HILL ROAD", city="SALEM", state="OR",
                   zip="973010007"),
    referring=person("KAY", "SUE", "9999000075", 0),
    prior_auth="AUTH1", referral="REFERRAL1", payer_icn="ICN1", trace="TRACE1", patient_due_cents=1250,
    notes=(("ADD", "A NOTE"), ("DCP", "ANOTHER")),
    other_payers=(
        OtherPayer(
            Party("OTHER PAYER", id_kind="PI", id="P2"), Party("DOE", "JIM", is_person=True, id_kind="MI", id="M2"),
            "S", "18", "GRP2", "SILVER", "", "MB",
            (Adjustment("PR", "1", 10_000), Adjustment("PR", "2", 5_025)), 90_000, 5_000, 15_025,
            "Y", "", "Y", ("", "", "MA07"), date(2026, 2, 1), "ICN2",
            providers=(("71", Party(is_person=True, refs=(("G2", "X1"),))),),
            mia=("4", "", "", "1000", *[""] * 10, "0", "", "MA01"),
        ),
    ),
    lines=[
        InstitutionalLine(1, "0120", 100_000, Decimal(4), "DA", noncovered_cents=2_550),
        InstitutionalLine(
            2, "0250", 10_025, Decimal("2.5"), "UN", "J1885", "HC", ("JW", "59"), "KETOROLAC", None,
            date(2026, 1, 11), date(2026, 1, 12), "A1L2", 110, 220,
            Drug("00011122233", Decimal(2), "ML", "RX1", "XZ"),
            (("72", person("LEE", "ANN", "9999000034", 0, refs=(("0B", "LIC2"),))),),
            (
                LineDecision("P2", 8_025, "J1885", Decimal("2.5"), date(2026, 2, 1), bundled_into="3",
                             adjustments=(Adjustment("CO", "45", 2_000),), remaining_cents=500, revenue="0250"),
            ),
            LineExtras(
                attachments=(Attachment("OB", "BM", "ATT2"),), refs=(("9D", "ADJ"),), notes=(("TPO", "LINE NOTE"),),
                repricing=Repricing("00", 9_000),
            ),
        ),
    ],
    extras=ClaimExtras(
        delay_reason="7", dates=(Dated("050", date(2026, 1, 16)),), attachments=(Attachment("OZ", "EL", "ATT1"),),
        contract=Contract("02", 5_000), refs=(("EA", "MED1"),), file_notes=("FILE NOTE",),
        conditions=(Condition("ZZ", True, ("ST",)),), repricing=Repricing("00", 90_050, 19_975, "ORG1"),
    ),
)  # fmt: skip
TEXT = wrap("837I", HEAD + CLAIM)
SMALL = """
    CLM*A1*100***13:A:1**A*Y*Y
    DTP*434*RD8*20260110-20260110
    CL1*1*7*01
    HI*ABK:K5730
    LX*1
    SV2*0450*HC:G0463*100*UN*1
    DTP*472*D8*20260110
"""
