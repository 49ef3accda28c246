"""Short code lists that belong to the claim itself: numbers only, as the standard's maintainers publish them."""

from __future__ import annotations


def _spread(text: str) -> frozenset[str]:
    """The codes of "A0-A8 12": A0, A1 .. A8, 12; digits keep the width of the first."""
    codes: list[str] = []
    for token in text.split():
        first, _, last = token.partition("-")
        letter = first.rstrip("0123456789")
        low, high = first[len(letter) :], (last or first)[len(letter) :]
        codes += [f"{letter}{number:0{len(low)}d}" for number in range(int(low), int(high) + 1)]
    return frozenset(codes)


# Place of service (CMS).
PLACES = _spread("01-27 31-34 41-42 49-58 60-62 65-66 71-72 81 99")
# Claim filing indicator, SBR09.
FILINGS = _spread("11-17") | frozenset(
    {"AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"}
)
# Patient's relationship to the subscriber, SBR02 and PAT01.
RELATIONSHIPS = frozenset({"18", "01", "19", "20", "21", "39", "40", "53", "G8"})
# Claim adjustment reasons, retired ones included.
CARCS = _spread("1-308 A0-A8 B1-B23 D1-D23 P1-P32 W1-W9 Y1-Y3")
# HCPCS Level II codes for what has no code of its own: the service must be described.
UNLISTED = _spread(
    "A0999 A4335 A4421 A4649 A4913 A9699 A9900 A9999 B9998-B9999 C9399 E1399 E1699 J1599 J3490 J3590 J7199 J7599 J7699 "
    "J7799 J7999 J8498-J8499 J8597 J8999 J9999 K0108 K0812 K0898-K0899 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 "
    "L8048 L8499 L8699 Q0507-Q0509 Q4050-Q4051 Q4082 Q4100 S8189 T1999 T5999 V2199 V2299 V2399 V2499 V2599 V2799 "
    "V5298-V5299"
)
# HCPCS modifiers that contradict each other on one line.
CLASHES = tuple(
    frozenset(pair)
    for pair in (("GA", "GZ"), ("GY", "GZ"), ("NU", "RR"), ("NU", "UE"), ("RR", "UE"), ("QK", "QZ"), ("QX", "QZ"))
)
