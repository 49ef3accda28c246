"""The codes an 835 may use at each of its levels; any other is kept as sent, and pointed out."""

from __future__ import annotations


def _codes(text: str) -> frozenset[str]:
    """The codes, and nothing at all: what is absent is no unknown code, and told by the grammar where it is needed."""
    return frozenset(["", *text.split()])


_RENDERING_REFS = _codes("0B 1A 1B 1C 1D 1G 1H 1J D3 G2 LU")
_TOTALS = _codes("ZK ZL ZM ZN ZO")  # what federal, state and local programs pay

HANDLINGS = _codes("C D H I P U X")  # BPR01
METHODS = _codes("ACH BOP CHK FWT NON")  # BPR04
PAYER_REFS = _codes("2U EO HI NF")
PAYEE_REFS = _codes("0B D3 PQ TJ")
REASONS = _codes(
    "50 51 72 90 AH AM AP B2 B3 BD BN C5 CR CS CT CV CW DM E3 FB FC GO HM IP IR IS J1 L3 L6 LE LS OA OB PI PL RA RE "
    "SL TL WO WU"
)  # PLB03-1
STATUSES = _codes("1 2 3 4 19 20 21 22 23 25")  # CLP02
FILINGS = _codes("12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ")  # CLP06
GROUPS = _codes("CO OA PI PR")  # CAS01
PROCEDURES = _codes("AD ER HC HP IV N4 N6 NU UI WK")  # SVC01-1
CLAIM_REFS = _codes("1L 1W 28 6P 9A 9C BB CE EA F8 G1 G3 IG SY") | _RENDERING_REFS
LINE_REFS = _codes("0K 1S 6R APC BB E9 G1 G3 HPI RB SY TJ") | _RENDERING_REFS
CLAIM_AMOUNTS = _codes("AU D8 DY F5 I NL T T2") | _TOTALS
LINE_AMOUNTS = _codes("B6 KH T T2") | _TOTALS
CLAIM_QUANTITIES = _codes("CA CD LA LE NE NR OU PS VS") | _TOTALS
LINE_QUANTITIES = _TOTALS
