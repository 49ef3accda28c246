"""The rows of one FHIR Claim: its items as lines, with what was done, why, and at what charge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bureau.rules.intake.encounters import read_date
from bureau.rules.intake.fhir_bundle import Resource, cents_of, codings, inner, objects, text_of, texts
from bureau.rules.intake.fhir_claim import FoundClaim, day_of
from bureau.rules.intake.fhir_people import patient_columns
from bureau.rules.intake.layout import SheetRow
from bureau.rules.intake.terms import Diagnoses, tell_apart
from config import synthea as maps
from config.money import format_cents
from config.problems import Problem

ICD10 = frozenset({"http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"})
BILLED = frozenset({  # systems whose codes stand on a claim as they are
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "urn:oid:2.16.840.1.113883.6.285", "http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12",
})  # fmt: skip
_SYSTEMS = {
    "http://snomed.info/sct": "SNOMED", "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX", "http://loinc.org": "LOINC",
}  # fmt: skip
_PLACES = {"AMB": "11", "EMER": "23", "IMP": "21", "ACUTE": "21", "NONAC": "21", "OBSENC": "22", "SS": "22",
           "VR": "10", "HH": "12", "FLD": "15"}  # fmt: skip
_PLACE_SYSTEM = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"


@dataclass(slots=True)
class ClaimRows:
    """Makes the rows of one claim."""

    claim: FoundClaim
    billed: date | None
    diagnoses: Diagnoses
    is_moved: bool
    notes: list[str] = field(default_factory=list)

    def build(self) -> Iterator[SheetRow]:
        """Rows with no number yet; their identity begins with the place of the claim."""
        claim = self.claim
        stated = self._read_diagnoses()
        items = [item for item in objects(claim.resource, "item") if not self._says_diagnosis(item, stated)]
        services = [self._service(item) for item in items]
        self.diagnoses.add_reason(code for _, code, _ in services)
        head, problem = self._head(), claim.find_problem()
        charges, wrong = self._charges(items)
        if not items:
            wrong = Problem(claim.where, "claim.no_item", "The claim has no item that says what was done.")
            items, services, charges = [{}], [("", "", "")], [""]
        apart = tell_apart([code for _, code, _ in services], self.diagnoses.on)
        for at, (item, service) in enumerate(zip(items, services, strict=True)):
            sequence = text_of(item, "sequence") or str(at + 1)
            values = head | self._line(item, service, apart[at]) | {"charge": charges[at]}
            values["pointers"] = self._point(item, stated)
            place = f"Claim/{text_of(claim.resource, 'id') or claim.number} item {sequence}"
            found = (problem or wrong) if at == 0 else None
            yield SheetRow(claim.file, 0, values, f"{claim.place} {sequence}", found, "item", place)

    def _read_diagnoses(self) -> dict[str, tuple[str, str]]:
        """The claim's own diagnoses by sequence as (system, code); all that says why is added in order."""
        claim, stated = self.claim, {}
        for one in objects(claim.resource, "diagnosis"):
            condition = claim.shelf.find(inner(one, "diagnosisReference"), claim.resource)
            concept = inner(condition, "code") or inner(one, "diagnosisCodeableConcept")
            found = self._add(concept)
            if found:
                stated[text_of(one, "sequence")] = found
        for concept in objects(claim.encounter, "reasonCode"):
            self._add(concept)
        return stated

    def _add(self, concept: Resource) -> tuple[str, str] | None:
        """Add the diagnosis a concept names, ICD-10-CM where it has it; returns what was taken."""
        said = codings(concept)
        best = next((one for one in said if one[0] in ICD10), said[0] if said else None)
        if best is None:
            return None
        system, code, wording = best
        if system in ICD10:
            self.diagnoses.add_code(code.replace(".", "").upper())
        else:
            known = len(self.diagnoses.unmapped)
            self.diagnoses.add_terms([code])
            if len(self.diagnoses.unmapped) > known:
                self.notes.append(_describe(system, code, wording))
        return system, code

    def _says_diagnosis(self, item: Resource, stated: Mapping[str, tuple[str, str]]) -> bool:
        """Synthea lists each diagnosis as an item too: it says why, not what was done."""
        points_at = {stated.get(number) for number in texts(item, "diagnosisSequence")}
        return any((system, code) in points_at for system, code, _ in codings(inner(item, "productOrService")))

    def _service(self, item: Resource) -> tuple[str, str, str]:
        """System, code and wording of what was done; a prescription says it better than the item it is billed as."""
        said = codings(inner(item, "productOrService"))
        if self.claim.kind == "pharmacy":
            said = self._drug() or said
        return next((one for one in said if one[0] in BILLED), said[0] if said else ("", "", ""))

    def _drug(self) -> list[tuple[str, str, str]]:
        shelf, resource = self.claim.shelf, self.claim.resource
        order = shelf.find(inner(resource, "prescription"), resource)
        drug = shelf.find(inner(order, "medicationReference"), order)
        return codings(inner(order, "medicationCodeableConcept")) or codings(inner(drug, "code"))

    def _head(self) -> dict[str, str]:
        claim = self.claim
        if claim.kind == "institutional":
            self.notes.append("the bundle calls the claim institutional")
        auths = [texts(one, "preAuthRef") for one in objects(claim.resource, "insurance")]
        head = {
            "encounter_id": claim.number,
            **patient_columns(claim.patient),
            **claim.coverage,
            "provider_npi": claim.npi,
            "place_of_service": _PLACES.get(text_of(inner(claim.encounter, "class"), "code"), "11"),
            "service_date": self.billed.isoformat() if self.billed else "",
            "prior_auth": next((one[0] for one in auths if one), ""),
            **self.diagnoses.columns(),
        }
        if self.is_moved and claim.reported is not None:
            head["reported_date"] = claim.reported.isoformat()
        return head | ({"source_note": "; ".join(self.notes)} if self.notes else {})

    def _line(self, item: Resource, service: tuple[str, str, str], apart: str) -> dict[str, str]:
        system, code, wording = service
        mapped = None if system in BILLED else maps.map_procedure(code, self.diagnoses.on)
        procedure = code if system in BILLED else (mapped.procedure if mapped else "")
        note = _describe(system, code, wording)
        if self.claim.kind == "pharmacy":
            procedure, note = "", f"pharmacy claim: {note}"
        modifiers = [code for one in objects(item, "modifier") for _, code, _ in codings(one)]
        quantity = text_of(inner(item, "quantity"), "value").removesuffix(".0")
        place = [c for s, c, _ in codings(inner(item, "locationCodeableConcept")) if s == _PLACE_SYSTEM]
        day = read_date(day_of(item)[:10])
        values = {
            "procedure": procedure, "modifiers": " ".join([*modifiers, *([apart] if apart and mapped else [])]),
            "units": quantity or "1", "note": note, "coded_by": "profile" if mapped and procedure else "client",
        }  # fmt: skip
        if place:
            values["place_of_service"] = place[0]
        if day is not None and not self.is_moved:
            values["line_date"] = day.isoformat()
        return values

    def _charges(self, items: list[Resource]) -> tuple[list[str], Problem | None]:
        """What each item is charged; the one that names no amount has what the claim's total leaves for it."""
        where, wrong = self.claim.where, None
        found = [cents_of(inner(item, "net") or inner(item, "unitPrice"), where) for item in items]
        total = cents_of(inner(self.claim.resource, "total"), where)
        for one in (*found, total):
            if isinstance(one, Problem):
                wrong = wrong or one
        cents = [one if isinstance(one, int) else None for one in found]
        bare = [at for at, one in enumerate(cents) if one is None]
        if isinstance(total, int) and wrong is None:
            rest = total - sum(one for one in cents if one is not None)
            if rest < 0 or (rest and not bare):
                said = f"Its items come to {format_cents(total - rest)}, its total says {format_cents(total)}."
                wrong = Problem(where, "claim.total", f"{said} Say what each item is charged.")
            elif rest and len(bare) == 1:
                cents[bare[0]] = rest
        return [format_cents(one, grouped=False) if one is not None else "" for one in cents], wrong

    def _point(self, item: Resource, stated: Mapping[str, tuple[str, str]]) -> str:
        """The diagnoses an item names, or the reason of the procedure it stands for."""
        named = [stated[number] for number in texts(item, "diagnosisSequence") if number in stated]
        exact = [str(self.diagnoses.places[c]) for s, code in named
                 if s in ICD10 and (c := code.replace(".", "").upper()) in self.diagnoses.places]  # fmt: skip
        if exact:
            return " ".join(exact[:4])
        return self.diagnoses.point([code for _, code in named] or self._reasons(item))

    def _reasons(self, item: Resource) -> list[str]:
        claim, found = self.claim, []
        wanted = set(texts(item, "procedureSequence"))
        for one in objects(claim.resource, "procedure"):
            if text_of(one, "sequence") in wanted:
                procedure = claim.shelf.find(inner(one, "procedureReference"), claim.resource) or {}
                reasons = (claim.shelf.find(ref, procedure) for ref in objects(procedure, "reasonReference"))
                found += [code for reason in reasons for _, code, _ in codings(inner(reason, "code"))]
        return found


def _describe(system: str, code: str, wording: str) -> str:
    """A code without a map as a coder reads it: system, code, wording."""
    return f"{_SYSTEMS.get(system, '')} {code} {wording}".strip()
