"""Who is who in FHIR bundles: the patient, who rendered, and by whom the patient is insured."""

from __future__ import annotations

from dataclasses import dataclass, field

from bureau.rules.intake.fhir_bundle import Resource, Shelf, codings, identifiers, inner, objects, text_of, texts
from bureau.rules.intake.layout import ProviderDraft
from bureau.rules.intake.synthea_tables import GENERAL_PRACTICE, STATES, make_member_id, plain_name
from config.codes import SELF_PAY
from config.identifiers import make_test_npi
from config.synthea import payer_id_for

NPI = "http://hl7.org/fhir/sid/us-npi"
_MADE_UP = "https://github.com/synthetichealth/synthea"
_BY_NPI = f"Practitioner?identifier={NPI}|"
_NPIS, _FIRST_NPI = 100_000, 20_000  # all NPIs nobody can hold, and where among them a running number 0 is put
_SEXES = {"male": "M", "female": "F", "": ""}
_RELATIONSHIPS = {"self": "18", "spouse": "01", "child": "19", "": ""}
_TITLES = ("Dr. ", "Mr. ", "Mrs. ", "Ms. ")


def is_made_up(patient: Resource) -> bool:
    """Whether the patient says it was generated: only then may dates be moved."""
    return any(system == _MADE_UP for system, _ in identifiers(patient))


def patient_columns(patient: Resource) -> dict[str, str]:
    """The patient in our layout, under the record number where there is one."""
    names = objects(patient, "name")
    name = next((one for one in names if text_of(one, "use") == "official"), names[0] if names else {})
    given = texts(name, "given")
    address = next(iter(objects(patient, "address")), {})
    state = text_of(address, "state")
    tidy = plain_name if is_made_up(patient) else str.strip
    return {
        "patient_id": _record_number(patient), "last_name": tidy(text_of(name, "family")),
        "first_name": tidy(given[0]) if given else "", "birth_date": text_of(patient, "birthDate"),
        "sex": _SEXES.get(text_of(patient, "gender"), "U"), "street": " ".join(texts(address, "line")),
        "city": text_of(address, "city"), "state": STATES.get(state, state), "zip": text_of(address, "postalCode"),
    }  # fmt: skip


def _record_number(patient: Resource) -> str:
    for one in objects(patient, "identifier"):
        if any(code == "MR" for _, code, _ in codings(inner(one, "type"))):
            return text_of(one, "value")
    return text_of(patient, "id")


def find_coverage(shelf: Shelf, claim: Resource, patient: Resource) -> dict[str, str]:
    """Payer, member and group of the claim's first insurance; a payer is known by its id, or by a name we map."""
    listed = objects(claim, "insurance")
    first = next((one for one in listed if one.get("focal") is True), listed[0] if listed else {})
    reference = inner(first, "coverage")
    coverage = shelf.find(reference, claim) or {}
    payor = next(iter(objects(coverage, "payor")), {})
    organization = shelf.find(payor, coverage) or {}
    name = text_of(payor, "display") or text_of(organization, "name") or text_of(reference, "display")
    payer = payer_id_for(name) or next((value for _, value in identifiers(organization) if value), name)
    member = text_of(coverage, "subscriberId") or next((value for _, value in identifiers(coverage) if value), "")
    if is_made_up(patient):
        member = make_member_id(_record_number(patient), payer or SELF_PAY, member)
    groups = [text_of(one, "value") for one in objects(coverage, "class")
              if any(code == "group" for _, code, _ in codings(inner(one, "type")))]  # fmt: skip
    related = next((code for _, code, _ in codings(inner(coverage, "relationship"))), "")
    return {
        "payer_id": payer or SELF_PAY, "member_id": member, "group_number": groups[0] if groups else "",
        "relationship": _RELATIONSHIPS.get(related, "G8"),
    }  # fmt: skip


@dataclass(slots=True)
class Providers:
    """Who can render: by the NPI each names, those that cannot be real to be added where a client lacks them."""

    shelf: Shelf
    _drafts: dict[str, ProviderDraft] = field(default_factory=dict)
    _benefits: dict[str, list[Resource]] = field(default_factory=dict)  # claim id -> who its benefits say rendered

    def __post_init__(self) -> None:
        taxonomies = self._read_taxonomies()
        for resource in self.shelf.by_type.get("Practitioner", []):
            said = _said_npi(resource)
            name = next(iter(objects(resource, "name")), {})
            first = next(iter(texts(name, "given")), "")
            self._draft(said, text_of(name, "family"), first, taxonomies.get(said, ""))
        for benefit in self.shelf.by_type.get("ExplanationOfBenefit", []):
            claim = text_of(inner(benefit, "claim"), "reference").replace(":", "/").rpartition("/")[2]
            self._benefits.setdefault(claim, []).append(inner(benefit, "provider"))

    def _read_taxonomies(self) -> dict[str, str]:
        found = {}
        for role in self.shelf.by_type.get("PractitionerRole", []):
            named = inner(role, "practitioner")
            practitioner = self.shelf.find(named, role)
            npi = _said_npi(practitioner) if practitioner else text_of(inner(named, "identifier"), "value")
            codes = [code for one in objects(role, "specialty") for _, code, _ in codings(one)]
            if codes:
                found[npi] = codes[0]
        return found

    def _draft(self, said: str, last: str, first: str, taxonomy: str = "") -> None:
        npi = _as_npi(said)
        if npi.startswith("9999") and npi not in self._drafts:
            last, first = plain_name(last), plain_name(first)
            self._drafts[npi] = ProviderDraft(npi, last, first, taxonomy or GENERAL_PRACTICE, said)

    def find_npi(self, claim: Resource, encounter: Resource) -> str:
        """Who rendered: named by the care team, by the claim itself, by its benefit, or by the encounter."""
        named = [inner(one, "provider") for one in objects(claim, "careTeam")]
        named += [inner(claim, "provider"), *self._benefits.get(text_of(claim, "id"), ())]
        named += [inner(one, "individual") for one in objects(encounter, "participant")]
        found = [self._npi_of(reference, claim) for reference in named]  # all: only some say the name too
        return next(filter(None, found), "")

    def _npi_of(self, reference: Resource, home: Resource) -> str:
        found = self.shelf.find(reference, home)
        if found is not None and text_of(found, "resourceType") == "PractitionerRole":
            found = self.shelf.find(inner(found, "practitioner"), found)
        if found is not None:
            return _as_npi(_said_npi(found)) if text_of(found, "resourceType") == "Practitioner" else ""
        address, display = text_of(reference, "reference"), text_of(reference, "display")
        if not address.startswith(_BY_NPI):
            return ""
        said = address.removeprefix(_BY_NPI)
        for title in _TITLES:
            display = display.removeprefix(title)
        first, _, last = display.rpartition(" ")
        if last:
            self._draft(said, last, first)
        return _as_npi(said)

    def drafts(self) -> list[ProviderDraft]:
        return list(self._drafts.values())


def _said_npi(practitioner: Resource) -> str:
    return next((value for system, value in identifiers(practitioner) if system == NPI), "")


def _as_npi(said: str) -> str:
    """The NPI, or for the running numbers of older Synthea exports one that nobody can hold."""
    if said.isascii() and said.isdecimal() and len(said) <= 5:
        return make_test_npi((_FIRST_NPI + int(said)) % _NPIS)
    return said
