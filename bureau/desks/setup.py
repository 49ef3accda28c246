"""The desk of set-up: opens a client as a lead, and keeps its identity, people, places and volumes, with what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from bureau import books
from bureau.office import Office
from clients.enrolments import CLAIMS, PRACTICE, REMITTANCES, WAITS_FOR
from clients.models import (
    Client,
    ClientState,
    Contact,
    Enrollment,
    EnrollmentState,
    ExpectedVolume,
    Location,
    Provider,
    StageChange,
)
from clients.registry import (
    MISSING,
    ContactDetails,
    LocationDetails,
    PracticeIdentity,
    ProviderDetails,
    find_contact_problems,
    find_location_problems,
    find_practice_problems,
    find_provider_problems,
)
from clients.rows import add_rows
from config.problems import Problem

Details = ProviderDetails | LocationDetails | ContactDetails
ROWS: dict[type[Any], tuple[type[Any], str]] = {
    ProviderDetails: (Provider, "clinician"), LocationDetails: (Location, "location"),
    ContactDetails: (Contact, "contact"),
}  # fmt: skip
CONFIRMED = "clinicians confirmed by the practice"
ACCOUNT = 15  # characters of an interchange sender


def open_lead(office: Office, code: str, practice: PracticeIdentity, about: Mapping[str, str]) -> list[Problem]:
    """Open a client as a lead; what is not known yet may stay empty. `about`: specialty, phone and time zone."""
    if office.scope.clients is not None:
        return [Problem("code", "client.reach", "Only somebody who serves all clients can open another one.")]
    taken = select(Client.id).where((Client.code == code) | (Client.account == _account(code)))
    problems = _find_wrong(office, practice, client_id=None)
    if office.session.scalar(taken.limit(1)) is not None:
        problems.append(Problem("code", "client.code", "Another client has this code."))
    if problems:
        return problems
    (client_id,) = office.reserve(Client, 1)
    office.session.add(
        Client(
            id=client_id, code=code, state=ClientState.LEAD, account=_account(code), is_synthetic=False,
            opened_on=office.now.date(), **asdict(practice), **about,
        )
    )  # fmt: skip
    office.session.flush()
    first = {"from_state": "", "to_state": ClientState.LEAD, "at": office.now, "by": str(office.actor), "why": ""}
    add_rows(office.session, StageChange, client_id, [first])
    books.record(office, client_id, "client opened", text=practice.name)
    return []


def change_practice(
    office: Office, client_id: int, practice: PracticeIdentity, about: Mapping[str, str]
) -> list[Problem]:
    """Keep who the practice is; what is wrong is refused, what is missing only keeps it from going live.

    Once it is live nothing may become empty or wrong again.
    """
    client = office.client(client_id)
    problems = _find_wrong(office, practice, client_id=client_id)
    if client.state in (ClientState.LIVE, ClientState.PAUSED, ClientState.OFFBOARDING):
        problems = _find_all(office, practice, client_id=client_id)
    if problems:
        return problems
    values = {**asdict(practice), **about}
    changed = [name for name, value in values.items() if getattr(client, name) != value]
    said = "; ".join(f"{name}: {getattr(client, name)} -> {values[name]}" for name in changed)
    for name in changed:
        setattr(client, name, values[name])
    if changed:
        books.record(office, client_id, "practice changed", text=said[:500])
    return []


def save_details(office: Office, client_id: int, row_id: int | None, details: Details) -> list[Problem]:
    """Keep a clinician, a place or a contact; row_id None adds one. Raises NotFound for a foreign row."""
    problems = _find_detail_problems(office, client_id, row_id, details)
    if problems:
        return problems
    model, noun = ROWS[type(details)]
    values = asdict(details)
    if row_id is None:
        add_rows(office.session, model, client_id, [values])
        books.record(office, client_id, f"{noun} added", text=_name(details))
        return []
    row = office.get(model, client_id, row_id)
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    said = "; ".join(f"{name}: {before[name]} -> {values[name]}" for name in values if before[name] != values[name])
    if said:
        books.record(office, client_id, f"{noun} changed", text=f"{_name(details)}: {said}"[:500])
    return []


def set_cutover(office: Office, client_id: int, on: date | None, *, bills_earlier: bool) -> None:
    """Keep from which date of service on we bill (None: always), and whether earlier visits are ours too."""
    client = office.client(client_id)
    before = _say_cutover(client.cutover_on, bills_earlier=client.bills_before_cutover)
    client.cutover_on, client.bills_before_cutover = on, bills_earlier
    office.session.flush()
    after = _say_cutover(on, bills_earlier=bills_earlier)
    if after != before:
        books.record(office, client_id, "cutover", text=f"{before} -> {after}")


def drop_contact(office: Office, client_id: int, row_id: int) -> None:
    """Forget a contact; clinicians and places end by date, for claims name them. Raises NotFound."""
    row = office.get(Contact, client_id, row_id)
    books.record(office, client_id, "contact dropped", text=row.name)
    office.session.delete(row)


def save_volumes(office: Office, client_id: int, volumes: Mapping[int, int]) -> None:
    """Keep how many claims a month are expected per payer (0: none), and begin what is needed to bill them."""
    office.session.execute(delete(ExpectedVolume).where(ExpectedVolume.client_id == client_id))
    wanted = {payer_id: claims for payer_id, claims in sorted(volumes.items()) if claims > 0}
    rows = [{"payer_id": payer_id, "claims": claims} for payer_id, claims in wanted.items()]
    add_rows(office.session, ExpectedVolume, client_id, rows)
    _begin_enrolments(office, client_id, wanted)
    books.record(office, client_id, "expected volumes", items=len(rows), text=f"{sum(wanted.values())} claims a month")


def confirm_clinicians(office: Office, client_id: int) -> None:
    """The practice says that its list of clinicians is right."""
    wanted = select(Provider.id).where(Provider.client_id == client_id)
    books.record(office, client_id, CONFIRMED, items=len(office.session.scalars(wanted).all()))


def note_archive(office: Office, client_id: int) -> None:
    """Somebody takes along everything we hold of the client; that they did is part of it."""
    books.record(office, client_id, "archive taken")


def _begin_enrolments(office: Office, client_id: int, payers: Mapping[int, int]) -> None:
    known = select(Enrollment.payer_id, Enrollment.transaction).where(
        Enrollment.client_id == client_id, Enrollment.provider_id == PRACTICE
    )
    there = {(row[0], row[1]) for row in office.rows(known)}
    draft = EnrollmentState.DRAFT
    rows = [
        {"payer_id": payer_id, "provider_id": PRACTICE, "transaction": kind, "state": draft,
         "waits_for": WAITS_FOR[draft]}
        for payer_id in payers
        for kind in (CLAIMS, REMITTANCES)
        if (payer_id, kind) not in there
    ]  # fmt: skip
    add_rows(office.session, Enrollment, client_id, rows)


def _find_all(office: Office, practice: PracticeIdentity, *, client_id: int | None) -> list[Problem]:
    wanted = select(Provider.npi, Provider.ends_on).where(Provider.client_id == client_id)
    today = office.now.date()
    npis = {npi for npi, ends_on in office.rows(wanted) if _is_here(ends_on, today)} if client_id else set()
    return find_practice_problems(practice, clinicians=npis, test_ids=office.settings.test_ids_allowed)


def _find_wrong(office: Office, practice: PracticeIdentity, *, client_id: int | None) -> list[Problem]:
    """What is wrong, not what is merely missing; but no client is without a name."""
    problems = _find_all(office, practice, client_id=client_id)
    return [one for one in problems if one.code != MISSING or one.where == "name"]


def _find_detail_problems(office: Office, client_id: int, row_id: int | None, details: Details) -> list[Problem]:
    test_ids = office.settings.test_ids_allowed
    if isinstance(details, LocationDetails):
        return find_location_problems(details, test_ids=test_ids)
    if isinstance(details, ContactDetails):
        return find_contact_problems(details)
    npi = office.client(client_id).npi
    problems = find_provider_problems(details, practice_npi=npi, test_ids=test_ids)
    twins = select(Provider.id).where(Provider.client_id == client_id, Provider.npi == details.npi)
    if any(other != row_id for other in office.session.scalars(twins)):
        problems.append(Problem("npi", "registry.npi_twice", "Another clinician of this practice has this NPI."))
    return problems


def _say_cutover(on: date | None, *, bills_earlier: bool) -> str:
    return f"{on or 'none'}{', earlier visits too' if bills_earlier else ''}"


def _is_here(ends_on: date | None, today: date) -> bool:
    return ends_on is None or ends_on > today


def _name(details: Details) -> str:
    return f"{details.last}, {details.first}" if isinstance(details, ProviderDetails) else details.name


def _account(code: str) -> str:
    return f"NBB{code}"[:ACCOUNT]
