"""A practice that is not a client yet, as its registration form takes it, and how its own system names columns."""

from __future__ import annotations

from config.identifiers import make_test_ein, make_test_npi

NPI, GROUP = make_test_npi(811), make_test_npi(810)
PRACTICE = {
    "name": "Cedar Family Medicine", "specialty": "family medicine", "npi": GROUP, "tax_id": make_test_ein(810),
    "taxonomy": "207Q00000X", "street": "9 Cedar Road", "city": "Salem", "region": "MA", "zip": "01970-0001",
    "phone": "6175550190",
}  # fmt: skip
CLINICIAN = {"last": "Rose", "first": "Ann", "npi": NPI, "taxonomy": "207Q00000X"}
COLUMNS = {"encounter_id": "Visit", "patient_id": "Chart", "service_date": "DOS", "procedure": "Code"}
