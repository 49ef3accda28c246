"""Terms of made-up records as codes a claim can carry: its diagnoses in order, and which of them a line points at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from bureau.rules.intake.layout import DIAGNOSES
from config import synthea as maps

MOST_POINTERS = 4
DISTINCT = ("", "XU", "XS", "XE", "XP")  # modifiers for services that are distinct and billed under one code


@dataclass(slots=True)
class Diagnoses:
    """The diagnoses of one claim as they are found; SNOMED CT terms come in, ICD-10-CM goes out."""

    on: date  # the day of service: codes are those of that day
    places: dict[str, int] = field(default_factory=dict)  # ICD-10-CM code -> its number on the claim
    unmapped: list[str] = field(default_factory=list)  # terms no claim can carry, in order

    def add_terms(self, terms: Iterable[str]) -> None:
        for term in terms:
            mapped = maps.map_diagnosis(term, self.on)
            if mapped is not None and mapped.icd10:
                self.add_code(mapped.icd10)
            elif term not in self.unmapped:
                self.unmapped.append(term)

    def add_code(self, code: str) -> None:
        """A diagnosis that comes as ICD-10-CM; a claim carries twelve at most, what follows is left."""
        if code not in self.places and len(self.places) < len(DIAGNOSES):
            self.places[code] = len(self.places) + 1

    def add_reason(self, services: Iterable[str]) -> None:
        """Where nothing else says why the patient came: the reason a service tells by itself."""
        if self.places:
            return
        reasons = (maps.map_procedure(code, self.on) for code in services)
        found = next((mapped.reason_icd10 for mapped in reasons if mapped and mapped.reason_icd10), "")
        if found:
            self.add_code(found)

    def columns(self) -> dict[str, str]:
        return {f"dx{number}": code for code, number in self.places.items()}

    def point(self, terms: Iterable[str]) -> str:
        """Numbers of the diagnoses these terms became; the first one where none of them is on the claim."""
        found: list[str] = []
        for term in terms:
            mapped = maps.map_diagnosis(term, self.on)
            number = str(self.places.get(mapped.icd10, "")) if mapped else ""
            if number and number not in found:
                found.append(number)
        return " ".join(found[:MOST_POINTERS]) or "1"


def tell_apart(services: Sequence[str], on: date) -> list[str]:
    """A modifier for each service of one claim: different services that are billed alike are no repeats."""
    alike: dict[str, list[str]] = {}
    found = []
    for service in services:
        mapped = maps.map_procedure(service, on)
        known = alike.setdefault(mapped.procedure if mapped else service, [])
        if service not in known:
            known.append(service)
        place = known.index(service)
        found.append(DISTINCT[place] if place < len(DISTINCT) else "")
    return found
