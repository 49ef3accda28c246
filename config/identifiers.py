"""Identifiers of the trade and our own: check digits, ids that cannot be real, references to say aloud."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

# Digits and letters without I, L, O and U: nothing to misread, nothing to misspell.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_ALPHABET)}

_NPI = re.compile(r"[0-9]{10}")
_MBI_LETTER = "AC-HJKMNP-RT-Y"
_MBI_TAIL = f"[0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}]{{2}}[0-9]{{2}}"
_MBI = re.compile(f"[1-9][{_MBI_LETTER}]{_MBI_TAIL}")
# S, L, O, I, B and Z are never issued, so a number with one of them second belongs to nobody.
_TEST_MBI = re.compile(f"[1-9][SLOIBZ]{_MBI_TAIL}")
_DIGITS, _LETTERS = "0123456789", "ACDEFGHJKMNPQRTUVWXY"
_TEST_MBI_SYMBOLS = (
    *("123456789", "S", _DIGITS + _LETTERS, _DIGITS),
    *(_LETTERS, _DIGITS + _LETTERS, _DIGITS),
    *(_LETTERS, _LETTERS, _DIGITS, _DIGITS),
)
_EIN = re.compile(r"[0-9]{9}")
# Prefixes the Internal Revenue Service has not assigned to any office or to internet applications.
_UNASSIGNED_EIN = re.compile("0[789]|1[789]|2[89]|49|69|7[089]|89")
_REFERENCE = re.compile(r"([A-Z]{2,4})[- ]?([0-9OIL]{1,15})[- ]?([0-9A-Z])")


def clean_identifier(text: str) -> str:
    """Upper case without blanks, hyphens and dots, as identifiers are stored and compared."""
    return re.sub(r"[\s.\-]", "", text).upper()


# -- national identifiers -------------------------------------------------------------------------------


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` plus itself pass the Luhn check."""
    doubled = [int(digit) for digit in reversed(digits)]
    doubled[::2] = [value * 2 - 9 if value > 4 else value * 2 for value in doubled[::2]]
    return str(-sum(doubled) % 10)


@lru_cache(maxsize=65536)
def npi_ok(npi: str, *, test_ids: bool = False) -> bool:
    """Ten digits, beginning 1 or 2, Luhn over 80840 and the first nine (45 CFR 162.406, ISO 7812).

    `test_ids` also admits 9999xxxxxx, which no real provider can hold; a production book leaves it off.
    """
    if not _NPI.fullmatch(npi) or luhn_digit("80840" + npi[:9]) != npi[9]:
        return False
    return npi[0] in "12" or (test_ids and npi.startswith("9999"))


def make_test_npi(number: int) -> str:
    """The `number`-th of the 100,000 NPIs 9999xxxxxx with a right check digit. ValueError beyond."""
    first_nine = f"9999{_within(number, 100_000):05d}"
    return first_nine + luhn_digit("80840" + first_nine)


def mbi_ok(mbi: str, *, test_ids: bool = False) -> bool:
    """The eleven characters of a Medicare Beneficiary Identifier, without hyphens, in CMS's pattern.

    `test_ids` also admits those with a never-issued letter in second place, as synthetic data have.
    """
    return bool(_MBI.fullmatch(mbi) or (test_ids and _TEST_MBI.fullmatch(mbi)))


def make_test_mbi(number: int) -> str:
    """A distinct identifier with S in second place for each number from 0. ValueError beyond 6.4 * 10**11."""
    symbols, rest = [], _within(number, prod(map(len, _TEST_MBI_SYMBOLS)))
    for choices in reversed(_TEST_MBI_SYMBOLS):
        rest, place = divmod(rest, len(choices))
        symbols.append(choices[place])
    return "".join(reversed(symbols))


def ein_ok(ein: str, *, test_ids: bool = False) -> bool:
    """Nine digits with an assigned prefix, neither a run (123456789) nor one digit repeated.

    `test_ids` also admits the prefix 00, which is never assigned.
    """
    if not _EIN.fullmatch(ein) or len(set(ein)) == 1 or ein in ("123456789", "987654321", "012345678"):
        return False
    if ein.startswith("00"):
        return test_ids
    return not _UNASSIGNED_EIN.match(ein)


def make_test_ein(number: int) -> str:
    """An employer number with the impossible prefix 00, for made-up practices. ValueError at 10 million."""
    return f"00{_within(number, 10_000_000):07d}"


# -- our own references ---------------------------------------------------------------------------------


def reference(kind: str, number: int) -> str:
    """What people see and say instead of a row id: `CLM-4711-K`, kind (2 to 4 capitals), number, check.

    The check character covers the kind too and finds every single wrong character and every swap of two.
    """
    if not re.fullmatch(r"[A-Z]{2,4}", kind) or number < 0:
        raise ValueError(f"no reference can be made of {kind!r} and {number}")
    return f"{kind}-{number}-{_check_of(kind, str(number))}"


def read_reference(text: str) -> tuple[str, int] | None:
    """Kind and number of a reference as typed by a person (any case, hyphens or none); None if wrong."""
    match = _REFERENCE.fullmatch(text.strip().upper())
    if match is None:
        return None
    kind, number = match[1], match[2].translate(_MISREAD)
    if _check_of(kind, number) != match[3].translate(_MISREAD):
        return None
    return kind, int(number)


@dataclass(frozen=True, slots=True)
class PatientControlNumber:
    """What a CLM01 says: whose filing it is and which submission of it (1 is the first)."""

    client: int
    filing: int
    attempt: int


_PCN = re.compile(f"B[{_ALPHABET}]{{14}}")


def pcn(client: int, filing: int, attempt: int) -> str:
    """Patient control number of one submission, for CLM01: 15 capitals and digits, unique, self-checking.

    Payers need return only 20 characters. It begins with a letter so that no spreadsheet takes it for a
    number. ValueError for a client from 1,048,576, a filing from 2**35 or an attempt from 1,024 on.
    """
    body = _in_base_32(client, 4) + _in_base_32(filing, 7) + _in_base_32(attempt, 2)
    return f"B{body}{_check_of('B', body)}"


def parse_pcn(text: str) -> PatientControlNumber | None:
    """The parts of a control number of ours; None when it is someone else's or has been damaged."""
    cleaned = text.strip().upper()
    if not _PCN.fullmatch(cleaned) or _check_of("B", cleaned[1:-1]) != cleaned[-1]:
        return None
    client, filing, attempt = cleaned[1:5], cleaned[5:12], cleaned[12:14]
    return PatientControlNumber(_from_base_32(client), _from_base_32(filing), _from_base_32(attempt))


def interchange_control(number: int) -> str:
    """ISA13: nine digits; begins again at 1 after 999,999,999."""
    return f"{(number - 1) % 999_999_999 + 1:09d}"


def group_control(number: int) -> str:
    """GS06: one to nine digits without leading zeros."""
    return str((number - 1) % 999_999_999 + 1)


def set_control(number: int) -> str:
    """ST02: four to nine digits."""
    return f"{(number - 1) % 999_999_999 + 1:04d}"


# -- the check character: a weighted sum over the field of 32 elements -----------------------------------


def _times(left: int, right: int) -> int:
    """Product in GF(2^5) modulo x^5 + x^2 + 1."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= 37
        right >>= 1
    return product


def _weights() -> list[list[int]]:
    """Weighted values by place and value; no two places weigh the same, so any swap shows."""
    tables, weight = [], 2
    for _ in range(31):
        tables.append([_times(weight, value) for value in range(32)])
        weight = _times(weight, 2)
    return tables


_WEIGHTED = _weights()
_MISREAD = str.maketrans("OIL", "011")


def _check_of(kind: str, body: str) -> str:
    """Check character of a kind (any capitals) and a body (of our alphabet); places count from the right."""
    values = [ord(letter) & 31 for letter in kind] + [_VALUES[symbol] for symbol in body]
    total = 0
    for table, value in zip(_WEIGHTED, reversed(values), strict=False):
        total ^= table[value]
    return _ALPHABET[total]


def _in_base_32(number: int, width: int) -> str:
    rest, symbols = _within(number, 32**width), []
    for _ in range(width):
        symbols.append(_ALPHABET[rest & 31])
        rest >>= 5
    return "".join(reversed(symbols))


def _from_base_32(text: str) -> int:
    number = 0
    for symbol in text:
        number = number << 5 | _VALUES[symbol]
    return number


def _within(number: int, limit: int) -> int:
    if not 0 <= number < limit:
        raise ValueError(f"{number} is outside 0 to {limit - 1}")
    return number
