"""What each segment may hold: element types, lengths, codes and the conditions between elements, as data.

One word per element: "!" required, then the type, then the greatest length. Types: A text, I identifier,
N whole number, R decimal number, D date, T time, C composite (looked into by the readers), X not used. After the bar
the conditions by position: P all or none, R at least one, E at most one, C the first needs the others,
L the first needs one of the others.
"""

from __future__ import annotations

_TRIPLES = " ".join(f"{'!' if at == 2 else ''}A5 {'!' if at == 2 else ''}R18 R15" for at in range(2, 20, 3))
_CONTACT = "A60 I2 A256 I2 A256 I2 A256 A20|P0304 P0506 P0708"

SEGMENTS: dict[str, str] = {
    "ISA": "!I2 A10 !I2 A10 !I2 !A15 !I2 !A15 !D !T A1 !I5 !N9 !I1 !I1 !A1",
    "GS": "!I2 !A15 !A15 !D !T !N9 !I2 !A12",
    "GE": "!N6 !N9",
    "IEA": "!N5 !N9",
    "ST": "!I3 !A9 A35",
    "SE": "!N10 !A9",
    "TA1": "!N9 !D !T !I1 !I3",
    "BHT": "!I4 !I2 A50 !D !T I2",
    "HL": "!A12 A12 !I2 I1",
    "NM1": "!I3 !I1 A60 A35 A25 X A10 I2 A80 I2 I3 A60|P0809 C1110 C1203",
    "N1": "!I3 A60 I2 A80 I2 I3|R0203 P0304",
    "N2": "!A60 A60",
    "N3": "!A55 A55",
    "N4": "!A30 I2 A15 I3 I2 A30 I3|E0207 C0605 C0704",
    "REF": "!I3 A50 A80 C|R0203",
    "PER": f"!I2 {_CONTACT}",
    "PRV": "!I3 I3 A50 I2 C I3|P0203",
    "DMG": "I3 A35 I1 I1 C I2 I3 I2 R15 I3 A30|P0102",
    "SBR": "!I1 I2 A50 A60 I3 I1 I1 I2 I2",
    "PAT": "I2 I1 I2 I2 I3 A35 I2 R10 I1|P0506 P0708",
    "CUR": "!I3 !I3 R10 I3 I3 I3",
    "CLM": "!A38 !R18 X X !C I1 !I1 !I1 !I1 I1 C I3 I1 I3 I1 I1 I2 I1 I2 I2",
    "DTP": "!I3 !I3 !A35",
    "PWK": "!I2 I2 N2 I3 I2 A80 A80 C I2|P0506",
    "CN1": "!I2 R18 R6 A50 R6 A30",
    "AMT": "!I3 !R18 I1",
    "K3": "!A80 I2 C",
    "NTE": "I3 !A80",
    "CR1": "I2 R10 I1 I1 I2 R15 A55 A55 A80 A80|P0102 P0506",
    "CR2": "N9 R15 I2 I2 I2 R15 R15 !I1 I1 A80 A80 I1|P0102 C0403 P0506",
    "CR3": "!I1 !I2 !R15 I1 A80",
    "CRC": "!I2 !I1 !I3 I3 I3 I3 I3",
    "HI": "!C C C C C C C C C C C C",
    "HCP": "I2 R18 R18 A50 R9 A50 R18 A48 I2 A48 I2 R15 I2 I2 I2|R0113 P0910 P1112",
    "OI": "I2 I2 I1 I1 I1 I1",
    "LX": "!N6",
    "SV1": "!C R18 I2 R15 A2 X C R18 I1 I1 I1 I1 I2 A15 I1 I1 I1 I1 R10 I1 A4|P0304",
    "SV2": "!A48 C !R18 !I2 !R15 X R18",
    "CL1": "!I1 I1 !I2",
    "SV5": "!C !I2 !R15 R18 R18 I1|R0405 C0604",
    "MEA": "!I2 !I3 !R20 C R20 R20 I2 I2 I2",
    "PS1": "!A50 !R18 I2",
    "QTY": "!I2 R15 C A30|R0204 E0204",
    "LIN": "A20 !I2 !A48 I2 A48",
    "CTP": "I2 I3 R17 R15 C I3 R10 R18 I2 A10 N2|P0405 C0607 C0902 C0302",
    "SVD": "!A80 !R18 C A48 R15 N6",
    "CAS": f"!I2 {_TRIPLES}|L050607 C0605 C0705 L080910 C0908 C1008 L111213 C1211 C1311",
    "LQ": "I3 A30|C0102",
    "FRM": "!A20 I1 A50 D R6|R02030405",
    "BPR": ("!I2 !R18 !I1 !I3 I10 I2 A12 I3 A35 A10 A9 I2 A12 I3 A35 D I3 I2 A12 I3 A35|P0607 C0809 P1213 C1415"),
    "TRN": "!I2 !A50 A10 A50",
    "DTM": "!I3 D T I2 I3 A35|R020305 C0403 P0506",
    "TS3": "!A50 !A2 !D !R15 !R18" + " R18" * 19,
    "CLP": "!A38 !I2 !R18 !R18 R18 I2 A50 A2 I1 I2 I4 R15 R10 I1",
    "MOA": "R10 R18 A50 A50 A50 A50 A50 R18 R18",
    "SVC": "!C !R18 R18 A48 R15 C R15",
    "PLB": "!A50 !D !C !R18 C R18 C R18 C R18 C R18 C R18|P0506 P0708 P0910 P1112 P1314",
    "EQ": "I2 C I3 I3 C|R0102",
    "EB": "!I2 I3 I2 I3 A50 I2 R18 R10 I2 R15 I1 I1 C C|P0910",
    "AAA": "!I1 I2 !I2 !I1",
    "HSD": "I2 R15 I2 R6 I2 N3 I2 I1|P0102 C0605",
    "MSG": "!A264 I2 N9",
    "III": "I3 A30 I2 A264 R15 C I2 I2 I2|P0102 L030405",
    "INS": "!I1 !I2 I3 I3 I1 C I2 I2 I1 I1 I3 A35 I1 A30 I2 I3 N9|P1112",
    "MPI": "!I1 !I2 !I1 A80 I2 I3 A35|P0607",
    "LS": "!A4",
    "LE": "!A4",
    "UM": "!I2 I1 I2 C C I3 I1 I1 I1 I2",
    "HCR": "!I2 A50 A30 I1",
    "STC": "!C D I2 R18 R18 D I3 D A16 C C A264",
    "AK1": "!I2 !N9 A12",
    "AK2": "!I3 !A9 A35",
    "IK3": "!A3 !N10 A6 I3",
    "IK4": "!C N4 !I3 A99",
    "IK5": "!I1 I3 I3 I3 I3 I3",
    "AK9": "!I1 !N6 !N6 !N6 I3 I3 I3 I3 I3",
}

# What stands in an element, where the list is short and the same in every 005010 transaction read here.
_NUMBERS = frozenset({"ED", "EM", "EX", "FX", "HP", "TE", "UR", "WP"})
CODES: dict[str, frozenset[str]] = {
    "PER03": _NUMBERS,
    "PER05": _NUMBERS,
    "PER07": _NUMBERS,
    "ISA14": frozenset("01"),
    "ISA15": frozenset("PT"),
    "NM102": frozenset({"1", "2"}),
    "HL04": frozenset({"0", "1"}),
    "SBR01": frozenset("ABCDEFGHPSTU"),
    "CLM06": frozenset("YN"),
    "CLM07": frozenset("ABC"),
    "CLM08": frozenset("NWY"),
    "CLM09": frozenset("IY"),
    "SV103": frozenset({"UN", "MJ"}),
    "CAS01": frozenset({"CO", "OA", "PI", "PR"}),
    "BPR01": frozenset("CDHIPUX"),
    "BPR03": frozenset("CD"),
    "BPR04": frozenset({"ACH", "BOP", "CHK", "FWT", "NON"}),
    "CLP02": frozenset({"1", "2", "3", "4", "19", "20", "21", "22", "23", "25"}),
    "PAT01": frozenset({"01", "19", "20", "21", "39", "40", "53", "G8"}),
    "DTP02": frozenset({"D8", "RD8", "TM", "D6", "DT", "DTS"}),
    "DMG01": frozenset({"D8"}),
    "PRV02": frozenset({"PXC"}),
    "IK501": frozenset("AEMRWX"),
    "AK901": frozenset("AEMPRWX"),
    "STC03": frozenset({"U", "WQ"}),
    "EB01": frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "CB", "MC"} | set("ABCDEFGHIJKLMNOPQRSTUVWXY")),
    "EB11": frozenset("NUY"),
    "EB12": frozenset("NUWY"),
    "AAA01": frozenset("NY"),
    "UM01": frozenset({"AR", "HS", "IN", "SC"}),
    "HCR01": frozenset({"A1", "A2", "A3", "A4", "A6", "C", "CT", "NA"}),
}
# Segments that are other ones in some versions (all of them named in FREER).
VARIANTS: dict[str, dict[str, str]] = {
    "005010X217": {"SV2": "A48 C R18 I2 R15 R10 X X I1 I1|R0102 P0405"},
}
# Elements of CODES that may hold other codes in some versions.
FREER: dict[str, frozenset[str]] = {
    "005010X279": frozenset({"PRV02"}),
    "005010X217": frozenset({"PRV02", "SV103"}),
}

# The segments a loop cannot be without, besides the one that opens it, by the beginning of the version.
REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "005010X222": {
        "ST": ("BHT",),
        "1000A": ("PER",),
        "2010AA": ("N3", "N4", "REF"),
        "2010AB": ("N3", "N4"),
        "2000B": ("SBR",),
        "2000C": ("PAT",),
        "2010CA": ("N3", "N4", "DMG"),
        "2310C": ("N3", "N4"),
        "2320": ("OI",),
        "2430": ("DTP",),
    },
    "005010X223": {
        "ST": ("BHT",),
        "1000A": ("PER",),
        "2010AA": ("N3", "N4", "REF"),
        "2010AB": ("N3", "N4"),
        "2000B": ("SBR",),
        "2000C": ("PAT",),
        "2010CA": ("N3", "N4", "DMG"),
        "2310E": ("N3", "N4"),
        "2320": ("OI",),
        "2430": ("DTP",),
    },
    "005010X279": {"ST": ("BHT",)},
    "005010X217": {"ST": ("BHT",), "2000E": ("UM",)},
    "005010X221": {"ST": ("BPR", "TRN"), "1000A": ("N3", "N4", "PER"), "2100": ("NM1",)},
    "005010X214": {"ST": ("BHT",)},
    "005010X212": {
        "ST": ("BHT",),
        "2210D": ("DTP",),
        "2210E": ("DTP",),
        "2220D": ("STC", "DTP"),
        "2220E": ("STC", "DTP"),
    },
}
# Transactions whose senders leave required segments out so often that it is worth a warning only.
LENIENT = frozenset({"005010X221"})
# What may stand once in a loop: the segment alone, or with its qualifier.
ONCE = frozenset({"BHT", "BPR", "N3", "N4", "DMG", "PRV", "SBR", "PAT", "MOA", "MIA", "CR1", "OI", "SV1", "SV2", "CL1"})
ONCE_PER_QUALIFIER = frozenset({"DTP", "DTM", "AMT", "HI"})
# Segments of these two lists that may stand more often in some versions.
REPEATED: dict[str, frozenset[str]] = {"005010X223": frozenset({"HI"})}
SEVERAL_PER_LINE = frozenset({"G1", "9F"})  # of the next list: one of every payer
ONCE_REFERENCES = frozenset({"6R", "EI", "SY", "G1", "9F", "F8", "D9", "X4", "EA", "TJ", "1K"})
# Loops that may stand once in the loop around them.
ONCE_LOOPS = frozenset(
    {"1000B", "2010AA", "2010AB", "2010AC", "2010BA", "2010BB", "2010CA", "2310B", "2310C", "2310D", "2330A", "2330B"}
)
# Loops a transaction cannot be without; the readers ask for those of a claim themselves.
LOOPS: dict[str, tuple[str, ...]] = {
    "005010X222": ("1000A", "1000B", "2000A", "2000B"),
    "005010X223": ("1000A", "1000B", "2000A", "2000B"),
    "005010X221": ("1000A", "1000B"),
    "005010X214": ("2000A", "2000B"),
    "005010X279": ("2000A", "2100A"),
    "005010X217": ("2000A", "2010A"),
    "005010X212": ("2000A", "2000B"),
}
