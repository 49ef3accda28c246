"""FHIR R4 JSON as resources that can find one another: by address, by type and id, by identifier, or inside another."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.money import parse_number
from config.problems import Problem

Resource = dict[str, Any]
# What claims are made from; everything else of a bundle is counted and let go, so that a large one stays small.
KEPT = frozenset({
    "Claim", "Condition", "Coverage", "Encounter", "ExplanationOfBenefit", "Medication", "MedicationRequest",
    "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure",
})  # fmt: skip
_LONGEST_NUMBER = 64


@dataclass(slots=True)
class Shelf:
    """The resources of one or more bundles. Numbers are texts here: nobody can make us compute a huge one."""

    claims: list[tuple[str, Resource]] = field(default_factory=list)  # with the file each came in
    counts: Counter[str] = field(default_factory=Counter)  # resources by type, those not kept included
    by_type: dict[str, list[Resource]] = field(default_factory=dict)
    _by_address: dict[str, Resource] = field(default_factory=dict)

    def put(self, file: str, resource: Resource, address: str = "") -> None:
        kind = text_of(resource, "resourceType")
        self.counts[kind] += 1
        if kind not in KEPT:
            return
        if kind == "Claim":
            self.claims.append((file, resource))
        self.by_type.setdefault(kind, []).append(resource)
        for known_as in (address, f"{kind}/{text_of(resource, 'id')}"):
            self._by_address.setdefault(known_as, resource)
        for system, value in identifiers(resource):
            self._by_address.setdefault(f"{kind}?identifier={system}|{value}", resource)

    def find(self, reference: Any, home: Resource | None = None) -> Resource | None:
        """What a Reference means: an address, `Type/id`, `Type?identifier=system|value`, or `#id` inside `home`."""
        address = text_of(reference, "reference")
        if address.startswith("#") and home is not None:
            inside = (one for one in objects(home, "contained") if text_of(one, "id") == address[1:])
            return next(inside, None)
        if address in self._by_address:
            return self._by_address[address]
        kind, number = ([*address.split("/"), ""])[-3:-1] if "/" in address else ("", "")
        found = self._by_address.get(f"{kind}/{number}")
        if found is not None:
            return found
        identifier = reference.get("identifier") if isinstance(reference, dict) else None
        kind = text_of(reference, "type")
        return self._by_address.get(f"{kind}?identifier={text_of(identifier, 'system')}|{text_of(identifier, 'value')}")


def read_bundle(shelf: Shelf, name: str, data: bytes) -> Problem | None:
    """Put a bundle, or a single resource, on the shelf; returns what is wrong with the file as a whole."""
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_int=_number, parse_float=_number)
    except UnicodeDecodeError:
        return Problem(name, "file.encoding", "The file is not text in UTF-8.")
    except RecursionError:
        return Problem(name, "file.too_deep", "The JSON is nested deeper than any record is.")
    except ValueError as error:
        return Problem(name, "file.json", f"The file is not valid JSON: {_said(error)}.")
    if _holds_no_text(data, found):
        return Problem(name, "file.binary", "The file holds characters that no text has.")
    kind = text_of(found, "resourceType")
    if not kind:
        text = "The JSON names no resourceType; a FHIR R4 bundle or Claim is taken."
        return Problem(name, "file.kind", text)
    if kind != "Bundle":
        shelf.put(name, found)
        return None
    entries = found.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = inner(entry, "resource")
        if resource:
            shelf.put(name, resource, text_of(entry, "fullUrl"))
        else:
            shelf.counts["entry without resource"] += 1
    return None


def _holds_no_text(data: bytes, found: Any) -> bool:
    """Whether escapes hide what no database can keep: a zero character, or half a character."""
    if b"\\u0000" in data:
        return True
    if b"\\ud" not in data and b"\\uD" not in data:
        return False
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _number(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number no record has")
    return text


def _said(error: ValueError) -> str:
    """Where the JSON breaks, without a word of what stands there."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}, column {error.colno}"
    return "it holds a number longer than any record has"


# -- looking into what others wrote: whatever is not of the expected shape is simply not there -----------------


def text_of(value: Any, name: str) -> str:
    """A text field, stripped; empty when it is missing or no text."""
    found = value.get(name) if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) else ""


def objects(value: Any, name: str) -> list[Resource]:
    """The objects of a list field."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def inner(value: Any, name: str) -> Resource:
    """An object field; empty when it is missing."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def texts(value: Any, name: str) -> list[str]:
    """A list field of numbers or texts, as texts."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def identifiers(resource: Any) -> Iterator[tuple[str, str]]:
    """System and value of each identifier."""
    for one in objects(resource, "identifier"):
        yield text_of(one, "system"), text_of(one, "value")


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """System, code and wording of each coding of a CodeableConcept."""
    return [
        (text_of(one, "system"), text_of(one, "code"), text_of(one, "display") or text_of(concept, "text"))
        for one in objects(concept, "coding")
    ]


def cents_of(amount: Any, where: str) -> int | Problem | None:
    """Cents of a Money value; None where there is none."""
    text = text_of(amount, "value")
    if not text:
        return None
    if not set(text) <= set("0123456789.-"):
        return Problem(where, "money.unreadable", "The amount cannot be read.")
    return parse_number(Decimal(text), where)
