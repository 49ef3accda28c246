"""Repairs of form: what is written in another way than payers read it, put right without changing what it says.

The line to the writer: it upper-cases, spells out accents, takes separators out of data and cuts long names, in
every text it writes. Here stands what depends on the kind of field: dots, hyphens, blanks, zeros. No repair touches
what was done, found or charged: no amount, unit, date, nor which code it is; what cannot be the right form written
otherwise is left as it is, for an edit to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from bureau.x12.values import Party
from bureau.x12.values837 import Claim, Drug, OtherPayer, ServiceLine
from config.identifiers import clean_identifier

_DIAGNOSIS = re.compile(r"[A-Z0-9]{3,7}")
_ZIP = re.compile(r"[0-9]{5}([0-9]{4})?")
_NDC_PARTS = re.compile(r"([0-9]{4,5})-([0-9]{3,4})-([0-9]{1,2})")
_NOT_DIGITS = re.compile(r"[^0-9]")


class Repair(NamedTuple):
    """One repair: the field ("lines.2.modifiers") and the rule; never what stood or stands there."""

    field: str
    rule: str


class Rule(NamedTuple):
    """What is done to a field of one kind; `mend` gives the right form, or the text itself where it knows none."""

    name: str
    mend: Callable[[str], str]


def _upper(text: str) -> str:
    return "".join(text.split()).upper()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _diagnosis(text: str) -> str:
    bare = clean_identifier(text)
    return bare if _DIAGNOSIS.fullmatch(bare) else text


def _zip(text: str) -> str:
    digits = _NOT_DIGITS.sub("", text)
    return digits if _ZIP.fullmatch(digits) and text.replace("-", "").replace(" ", "") == digits else text


def _phone(text: str) -> str:
    digits = _NOT_DIGITS.sub("", text)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return digits if len(digits) == 10 and not re.search("[A-Za-z]", text) else text


def _tax_id(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text)
    return digits if len(digits) == 9 and digits.isascii() and digits.isdecimal() else text


def _two_digits(text: str) -> str:
    bare = text.strip()
    return f"0{bare}" if len(bare) == 1 and bare in "123456789" else _upper(bare)


def _ndc(text: str) -> str:
    """An NDC in its three parts of ten or eleven digits, as eleven: 5-4-2 with zeros before each part."""
    parts = _NDC_PARTS.fullmatch(text.strip())
    return f"{parts[1]:0>5}{parts[2]:0>4}{parts[3]:0>2}" if parts else "".join(text.split())


PLAIN = Rule("blanks", _plain)
CODE = Rule("upper_case", _upper)
DIAGNOSIS = Rule("diagnosis_dot", _diagnosis)
IDENTIFIER = Rule("identifier_marks", clean_identifier)
ZIP = Rule("zip_digits", _zip)
PHONE = Rule("phone_digits", _phone)
TAX_ID = Rule("tax_id_digits", _tax_id)
TWO_DIGITS = Rule("leading_zero", _two_digits)
NDC = Rule("drug_code_digits", _ndc)

_NAMES = dict.fromkeys(("name", "first", "middle", "suffix", "street", "street2", "city", "contact"), PLAIN)
_PARTY = _NAMES | {
    "id": PLAIN, "state": CODE, "zip": ZIP, "tax_id": TAX_ID, "taxonomy": CODE, "sex": CODE, "phone": PHONE,
    "fax": PHONE,
}  # fmt: skip
_MEMBER = _PARTY | {"id": IDENTIFIER}
_PROVIDER = _PARTY | {"id": IDENTIFIER}
_OTHER_PAYER = {name: rule for name, rule in _PARTY.items() if name != "id"}  # decisions of lines go by it
_ABROAD = {name: rule for name, rule in _PARTY.items() if name not in ("zip", "phone", "fax")}
_CLAIM = {
    "pcn": PLAIN, "place": TWO_DIGITS, "filing_code": CODE, "group_number": PLAIN, "relationship": TWO_DIGITS,
    "prior_auth": PLAIN, "referral": PLAIN, "payer_icn": PLAIN, "plan_name": PLAIN,
}  # fmt: skip
_LINE = {"code": CODE, "place": TWO_DIGITS, "description": PLAIN, "control": PLAIN}
_OTHER = {"relationship": TWO_DIGITS, "group_number": PLAIN, "plan_name": PLAIN, "filing_code": CODE,
          "payer_icn": PLAIN, "prior_auth": PLAIN, "referral": PLAIN}  # fmt: skip
_DRUG = {"ndc": NDC, "unit": CODE, "prescription": PLAIN}
_PROVIDERS = ("billing", "rendering", "referring", "primary_care", "supervising", "facility", "pay_to")
_PAYERS = ("payer", "pay_to_plan")


def repair(claim: Claim) -> tuple[Claim, tuple[Repair, ...]]:
    """The claim in good form, and what was done to it; the same value where nothing was. Doing it twice is once."""
    done: list[Repair] = []
    changes: dict[str, Any] = _mend(claim, _CLAIM, "", done)
    changes |= _mend_codes(claim, "diagnoses", DIAGNOSIS, "", done)  # an empty one stays: pointers count them
    for name, rules in _PARTIES.items():
        _put(changes, name, claim, _party(getattr(claim, name), rules, f"{name}.", done))
    changes |= _mend_each(claim, "other_payers", _other_payer, done)
    changes |= _mend_each(claim, "lines", _line, done)
    return (replace(claim, **changes) if done else claim), tuple(done)


_PARTIES: Mapping[str, Mapping[str, Rule]] = (
    dict.fromkeys(_PROVIDERS, _PROVIDER)
    | dict.fromkeys(_PAYERS, _PARTY)
    | dict.fromkeys(("subscriber", "patient"), _MEMBER)
)


def _mend(value: Any, rules: Mapping[str, Rule], path: str, done: list[Repair]) -> dict[str, Any]:
    """The fields of a value that read otherwise by their rules."""
    changes: dict[str, Any] = {}
    for name, rule in rules.items():
        text = getattr(value, name)
        if text:
            mended = rule.mend(text)
            if mended != text:
                changes[name] = mended
                done.append(Repair(path + name, rule.name))
    return changes


def _mend_codes(value: Any, name: str, rule: Rule, path: str, done: list[Repair]) -> dict[str, Any]:
    """The same for a field of several codes."""
    codes: tuple[str, ...] = getattr(value, name)
    mended = tuple([rule.mend(code) for code in codes])
    if mended == codes:
        return {}
    done.append(Repair(path + name, rule.name))
    return {name: mended}


def _party(party: Party | None, rules: Mapping[str, Rule], path: str, done: list[Repair]) -> Party | None:
    if party is None:
        return None
    if party.country not in ("", "US", "USA"):
        rules = {name: rule for name, rule in rules.items() if name in _ABROAD}
    changes = _mend(party, rules, path, done)
    return replace(party, **changes) if changes else party


def _put(changes: dict[str, Any], name: str, value: Any, mended: object) -> None:
    if mended is not getattr(value, name):
        changes[name] = mended


def _mend_each(
    claim: Claim, name: str, mend: Callable[[Any, str, list[Repair]], Any], done: list[Repair]
) -> dict[str, Any]:
    """The items of a list or tuple, each under its number from 1."""
    items = getattr(claim, name)
    before = len(done)
    mended = [mend(item, f"{name}.{at}.", done) for at, item in enumerate(items, 1)]
    return {} if len(done) == before else {name: type(items)(mended)}


def _other_payer(other: OtherPayer, path: str, done: list[Repair]) -> OtherPayer:
    changes = _mend(other, _OTHER, path, done)
    _put(changes, "payer", other, _party(other.payer, _OTHER_PAYER, f"{path}payer.", done))
    _put(changes, "subscriber", other, _party(other.subscriber, _MEMBER, f"{path}subscriber.", done))
    return replace(other, **changes) if changes else other


def _line(line: ServiceLine, path: str, done: list[Repair]) -> ServiceLine:
    changes = _mend(line, _LINE, path, done)
    if line.modifiers:
        changes |= _mend_codes(line, "modifiers", CODE, path, done)
    if line.drug is not None:
        _put(changes, "drug", line, _drug(line.drug, f"{path}drug.", done))
    if line.providers:
        mended = tuple([(role, _party(party, _PROVIDER, f"{path}{role}.", done)) for role, party in line.providers])
        if any(new is not old for (_, new), (_, old) in zip(mended, line.providers, strict=True)):
            changes["providers"] = mended
    return replace(line, **changes) if changes else line


def _drug(drug: Drug, path: str, done: list[Repair]) -> Drug:
    changes = _mend(drug, _DRUG if drug.qualifier == "N4" else {}, path, done)
    return replace(drug, **changes) if changes else drug
