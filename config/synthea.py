"""Our own map from the terms of Synthea exports to codes that a claim can carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from config.codes import diagnosis_as_of, read_table


@dataclass(frozen=True, slots=True)
class MappedDiagnosis:
    """`icd10` without dot; empty for a term that is known and says nothing about why the patient came."""

    icd10: str
    note: str


@dataclass(frozen=True, slots=True)
class MappedProcedure:
    """`procedure` is HCPCS Level II or DEMO; `reason_icd10` what the service itself tells about the reason.

    The reason is for a claim whose own diagnoses say nothing: a vaccination is its own reason, an office
    visit is not (then it is empty).
    """

    procedure: str
    reason_icd10: str
    note: str


@lru_cache(maxsize=1)
def _diagnoses() -> dict[str, MappedDiagnosis]:
    rows = read_table("synthea_diagnoses.csv")
    return {row["snomed"]: MappedDiagnosis(row["icd10"], row["note"]) for row in rows}


@lru_cache(maxsize=1)
def _procedures() -> dict[str, MappedProcedure]:
    rows = read_table("synthea_procedures.csv")
    return {row["code"]: MappedProcedure(row["procedure"], row["reason_icd10"], row["note"]) for row in rows}


@lru_cache(maxsize=1)
def _payers() -> dict[str, str]:
    return {row["name"]: row["payer_id"] for row in read_table("synthea_payers.csv")}


def map_diagnosis(snomed: str, on: date) -> MappedDiagnosis | None:
    """The ICD-10-CM code for a SNOMED CT term as it stood on the day of service; None for an unknown term."""
    found = _diagnoses().get(snomed)
    if found is None or not found.icd10:
        return found
    return MappedDiagnosis(diagnosis_as_of(found.icd10, on), found.note)


def map_procedure(code: str, on: date) -> MappedProcedure | None:
    """The billable code for a SNOMED CT, RxNorm or CVX code of a charge line; None for an unknown one."""
    found = _procedures().get(code)
    if found is None or not found.reason_icd10:
        return found
    return MappedProcedure(found.procedure, diagnosis_as_of(found.reason_icd10, on), found.note)


def payer_id_for(name: str) -> str | None:
    """Our fictitious payer for a payer name of an export (SELF for none); None for an unknown name."""
    return _payers().get(name)
