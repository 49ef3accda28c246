"""A FHIR Claim with the resources it leads to, and whether it can be billed as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bureau.rules.intake.encounters import read_date
from bureau.rules.intake.fhir_bundle import Resource, Shelf, codings, identifiers, inner, objects, text_of
from bureau.rules.intake.fhir_people import Providers, find_coverage, is_made_up, patient_columns
from config.problems import Problem

_STAYS = frozenset({"IMP", "ACUTE", "NONAC"})


@dataclass(slots=True)
class FoundClaim:
    """A Claim with the resources it leads to."""

    shelf: Shelf
    place: int  # among all claims that were read
    file: str
    resource: Resource
    number: str  # its business identifier, else its id
    patient: Resource
    encounter: Resource
    coverage: dict[str, str]  # columns of ours
    npi: str
    reported: date | None

    @classmethod
    def find(cls, shelf: Shelf, providers: Providers, place: int) -> FoundClaim:
        file, resource = shelf.claims[place]
        said = [one for item in objects(resource, "item") for one in objects(item, "encounter")]
        encounter = next(filter(None, (shelf.find(one, resource) for one in said)), {})
        patient = shelf.find(inner(resource, "patient"), resource) or {}
        named = next((value for _, value in identifiers(resource) if value), "")
        served = text_of(inner(resource, "billablePeriod"), "start") or text_of(inner(encounter, "period"), "start")
        first = objects(resource, "item")[:1]
        served = next(map(day_of, first), "") or served or text_of(resource, "created")
        return cls(
            shelf, place, file, resource, named or text_of(resource, "id"), patient, encounter,
            find_coverage(shelf, resource, patient), providers.find_npi(resource, encounter), read_date(served[:10]),
        )  # fmt: skip

    @property
    def patient_id(self) -> str:
        return patient_columns(self.patient)["patient_id"]

    @property
    def is_made_up(self) -> bool:
        return is_made_up(self.patient)

    @property
    def kind(self) -> str:
        return next((code for _, code, _ in codings(inner(self.resource, "type"))), "professional")

    @property
    def where(self) -> str:
        return f"{self.file} Claim/{text_of(self.resource, 'id') or self.number}"

    def find_problem(self) -> Problem | None:
        """What keeps the claim from being billed as it stands."""
        status, use = text_of(self.resource, "status") or "active", text_of(self.resource, "use") or "claim"
        code, text = "", ""
        if status != "active" or use != "claim":
            code, text = "claim.status", f"The claim is {status} for {use}; active claims are taken."
        elif objects(self.resource, "related"):
            code, text = "claim.frequency", "The claim refers to an earlier one; only original claims are taken."
        elif not self.patient:
            code, text = "patient_id.unknown", "The patient it refers to is in none of the bundles."
        elif not self.number:
            code, text = "encounter_id.missing", "The claim has neither an identifier nor an id."
        elif self.kind == "institutional" and text_of(inner(self.encounter, "class"), "code") in _STAYS:
            code, text = (
                "claim.institutional",
                "A hospital's bill for a stay; only professional claims are made here.",
            )
        return Problem(self.where, code, text) if code else None


def day_of(item: Resource) -> str:
    """The moment an item says it was done, as written."""
    return text_of(item, "servicedDate") or text_of(inner(item, "servicedPeriod"), "start")
