"""Small X12 texts for tests: an envelope round the segments a test is about."""

from __future__ import annotations

HEADERS = {
    "837": ("HC", "005010X222A1", "ST*837*0001*005010X222A1"),
    "837I": ("HC", "005010X223A2", "ST*837*0001*005010X223A2"),
    "835": ("HP", "005010X221A1", "ST*835*0001"),
    "999": ("FA", "005010X231A1", "ST*999*0001*005010X231A1"),
    "276": ("HR", "005010X212", "ST*276*0001*005010X212"),
    "270": ("HS", "005010X279A1", "ST*270*0001*005010X279A1"),
    "271": ("HB", "005010X279A1", "ST*271*0001*005010X279A1"),
    "278": ("HI", "005010X217", "ST*278*0001*005010X217"),
    "277": ("HN", "005010X214", "ST*277*0001*005010X214"),
    "277-212": ("HN", "005010X212", "ST*277*0001*005010X212"),
}
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*0930*^*00501*{}*0*T*:"


def lines(text: str) -> list[str]:
    """The segments of an indented block, one per line, without the blanks around them."""
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


def wrap(kind: str, body: str, *, control: str = "000000001") -> str:
    """An interchange with one set of `kind` round the segments in `body`."""
    group, version, header = HEADERS[kind]
    inner = [header, *lines(body)]
    segments = [
        ISA.format(control), f"GS*{group}*SENDER*RECEIVER*20260302*0930*1*X*{version}",
        *inner, f"SE*{len(inner) + 1}*0001", "GE*1*1", f"IEA*1*{control}",
    ]  # fmt: skip
    return "".join(f"{segment}~\n" for segment in segments)


CLAIM_HEAD = """
    BHT*0019*00*REF1*20260302*0930*CH
    NM1*41*2*DESK*****46*SND
    PER*IC*ANN*TE*5550100000
    NM1*40*2*HUB*****46*RCV
    HL*1**20*1
    PRV*BI*PXC*207Q00000X
    NM1*85*2*PRACTICE*****XX*9999000018
    N3*1 MAIN STREET
    N4*SALEM*OR*973010002
    REF*EI*990000001
    HL*2*1*22*0
    SBR*P*18*GRP1******CI
    NM1*IL*1*DOE*JANE****MI*M1
    N3*2 ELM STREET
    N4*SALEM*OR*973010003
    DMG*D8*19700131*F
    NM1*PR*2*PAYER*****PI*P1
"""
CLAIM = """
    CLM*A1*100***11:B:1*Y*A*Y*Y
    HI*ABK:E119
    LX*1
    SV1*HC:G0463*100*UN*1***1
    DTP*472*D8*20260115
    REF*6R*A1L1
"""
REMIT_HEAD = """
    BPR*I*80*C*ACH************20260302
    TRN*1*T1*1990000009
    DTM*405*20260302
    N1*PR*PAYER
    N3*1 PLAZA
    N4*SALEM*OR*973010002
    REF*2U*P1
    PER*BL*LINE*TE*5550111111
    N1*PE*PRACTICE*XX*9999000018
    REF*TJ*990000001
    LX*1
"""
PAID = """
    CLP*A1*1*100*80*5*12*ICN1*11*1
    NM1*QC*1*DOE*JANE****MI*M1
    DTM*050*20260120
    SVC*HC:G0463*100*80**1
    DTM*472*20260115
    CAS*CO*45*15
    CAS*PR*2*5
    REF*6R*A1L1
    AMT*B6*85
"""
