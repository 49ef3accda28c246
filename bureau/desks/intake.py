"""The intake desk: takes what a client uploads and turns each good encounter into a claim with its charges."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import select

from bureau import books, progress, worklist
from bureau.books import Entry
from bureau.models import Claim, ClaimLine, Coverage, Encounter, Filing, Patient, Upload, UploadRow
from bureau.models.books import Account, Kind
from bureau.models.intake import RowState
from bureau.office import Office
from bureau.queries import registry
from bureau.rules.intake.encounters import read_encounters, rows_of
from bureau.rules.intake.layout import SELF_PAY, EncounterDraft, Reading, SheetRow, SheetRowKey
from bureau.rules.intake.profiles import SEXES
from bureau.rules.lifecycle import Event, Turn
from bureau.rules.pricing import price_line
from bureau.rules.routing import Place, Queue
from bureau.worklist import Placing, Subject
from clients.models import Payer
from config.problems import Problem

Reader = Callable[[str, bytes], Reading]


@dataclass(slots=True)
class Verdict:
    """What becomes of one row."""

    row: SheetRow
    state: RowState
    problems: list[Problem] = field(default_factory=list)
    encounter_id: int | None = None


@dataclass(slots=True)
class Intake:
    """An upload that has been read and checked against the book; nothing of it is written yet."""

    client_id: int
    file_name: str
    data: bytes
    sha256: str
    profile: str
    verdicts: dict[SheetRowKey, Verdict]
    drafts: list[EncounterDraft]
    reference_rows: int
    problems: list[Problem]  # of the file as a whole: it is refused
    upload_id: int | None = None

    def count(self, state: RowState) -> int:
        return sum(verdict.state is state for verdict in self.verdicts.values())

    @property
    def rows(self) -> int:
        return len(self.verdicts) + self.reference_rows

    @property
    def accepted(self) -> int:
        return self.count(RowState.ACCEPTED) + self.reference_rows

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for verdict in self.verdicts.values() for problem in verdict.problems)]


@dataclass(slots=True)
class _Known:
    """What the book already holds, looked up once for a whole upload."""

    payers: dict[str, int]
    providers: dict[str, int]
    patients: dict[str, int]
    coverages: dict[tuple[int, int, str], int]
    filing_days: dict[int, int]


def check_upload(office: Office, client_id: int, file_name: str, data: bytes, profile: str, read: Reader) -> Intake:
    """Read a file and say what would become of every row; writes nothing. The same bytes twice are refused."""
    digest = sha256(data).hexdigest()
    earlier = office.session.execute(
        select(Upload.id, Upload.file_name, Upload.received_at).where(
            Upload.client_id == client_id, Upload.sha256 == digest
        )
    ).one_or_none()
    intake = Intake(client_id, file_name, data, digest, profile, {}, [], 0, [])
    if earlier is not None:
        text = (
            f"This very file was taken before, as {earlier.file_name} on "
            f"{earlier.received_at:%d %b %Y} (upload {earlier.id}); nothing was done."
        )
        intake.problems.append(Problem(file_name, "file.duplicate", text))
        intake.upload_id = earlier.id
        return intake
    reading = read(file_name, data)
    intake.reference_rows = reading.reference_rows
    if reading.is_refused:
        intake.problems += reading.problems
        return intake
    _judge(office, intake, reading.rows)
    return intake


def commit_upload(office: Office, intake: Intake) -> int:
    """Write a checked upload: every row with its verdict, the good encounters as claims. Returns the upload's id."""
    upload_id = office.insert(
        Upload,
        [
            {
                "client_id": intake.client_id,
                "sha256": intake.sha256,
                "file_name": intake.file_name,
                "profile": intake.profile,
                "content": zlib.compress(intake.data, 1),
                "received_at": office.now,
                "sent_by": str(office.actor),
                "rows": intake.rows,
                "accepted": intake.accepted,
                "problems": intake.count(RowState.PROBLEM),
                "duplicates": intake.count(RowState.DUPLICATE),
                "encounters": len(intake.drafts),
            }
        ],
    )[0]
    intake.upload_id = upload_id
    _commit_encounters(office, intake, upload_id)
    row_ids = office.insert(UploadRow, [_row(intake, upload_id, verdict) for verdict in intake.verdicts.values()])
    _queue_problems(office, intake, row_ids)
    books.record(
        office, intake.client_id, "upload taken", items=len(intake.drafts),
        text=f"{intake.file_name}: {intake.accepted} rows accepted, {intake.count(RowState.PROBLEM)} with problems, "
        f"{intake.count(RowState.DUPLICATE)} duplicates",
    )  # fmt: skip
    return upload_id


def fix_rows(office: Office, upload: Upload, values: dict[int, dict[str, str]]) -> Intake:
    """Try problem rows again with corrected values, given by row id; whatever is good now is committed.

    Rows of the same upload that wait for one another (same encounter) are taken along.
    """
    stored = {
        row.id: row
        for row in office.session.scalars(
            select(UploadRow).where(
                UploadRow.client_id == upload.client_id,
                UploadRow.upload_id == upload.id,
                UploadRow.state == RowState.PROBLEM,
            )
        )
    }
    tried = {row_id: {**(row.raw or {}), **values.get(row_id, {})} for row_id, row in stored.items()}
    keys = {raw.get("encounter_id", "") for row_id, raw in tried.items() if row_id in values}
    rows = {
        (stored[row_id].file_name, stored[row_id].row_no): row_id
        for row_id, raw in tried.items()
        if row_id in values or (raw.get("encounter_id") and raw["encounter_id"] in keys)
    }
    intake = Intake(upload.client_id, upload.file_name, b"", upload.sha256, upload.profile, {}, [], 0, [])
    _judge(office, intake, [SheetRow(key[0], key[1], tried[row_id]) for key, row_id in rows.items()])
    _commit_encounters(office, intake, upload.id)
    intake.upload_id = upload.id
    changed = []
    for key, verdict in intake.verdicts.items():
        changed.append({"client_id": upload.client_id, "id": rows[key], **_outcome(verdict)})
    office.update(UploadRow, changed)
    _close_fixed(office, intake, rows)
    upload.accepted += intake.count(RowState.ACCEPTED)
    upload.duplicates += intake.count(RowState.DUPLICATE)
    upload.problems -= intake.count(RowState.ACCEPTED) + intake.count(RowState.DUPLICATE)
    upload.encounters += len(intake.drafts)
    books.record(office, upload.client_id, "upload rows fixed", items=intake.count(RowState.ACCEPTED))
    return intake


def discard_row(office: Office, row: UploadRow, *, why: str) -> None:
    """Take a problem row out of the queue for good, with the reason on record."""
    row.state = RowState.DISCARDED
    _close_rows(office, row.client_id, [row.id])
    books.record(office, row.client_id, "upload row discarded", text=f"{row.file_name} row {row.row_no}: {why}")


def _judge(office: Office, intake: Intake, rows: Sequence[SheetRow]) -> None:
    drafts, repeats = read_encounters(rows)
    for row in rows:
        intake.verdicts[row.file, row.number] = Verdict(row, RowState.ACCEPTED)
    for row in repeats:
        intake.verdicts[row.file, row.number].state = RowState.DUPLICATE
    earlier = registry.find_encounters(office, intake.client_id, [draft.external_id for draft in drafts])
    providers = registry.find_providers(office, intake.client_id)
    payers = registry.find_payers(office)
    prices = registry.find_prices(office, intake.client_id)
    today = office.today(intake.client_id)
    for draft in drafts:
        first = draft.lines[0].row
        known = earlier.get(draft.external_id)
        if known is not None and known[0] == draft.fingerprint:
            for key in rows_of(draft):
                intake.verdicts[key].state = RowState.DUPLICATE
                intake.verdicts[key].encounter_id = known[1]
            continue
        if known is not None:
            text = "This encounter was received before with other content; it was not changed."
            draft.complain(first, Problem(first.where("encounter_id"), "encounter.changed", text))
        _check_names(draft, first, providers, payers, today)
        for line in draft.lines:
            if line.charge_cents is None and draft.served_on is not None and line.code:
                line.charge_cents = price_line(prices, line.code, line.modifiers, line.units, draft.served_on)
                if line.charge_cents is None:
                    text = f"no charge given, and the charge master has no price for {line.code} on that date."
                    draft.complain(line.row, Problem(line.row.where("charge"), "charge.no_price", text))
        if draft.problems:
            _hold(intake, draft)
        else:
            intake.drafts.append(draft)


def _check_names(
    draft: EncounterDraft, first: SheetRow, providers: dict[str, int], payers: dict[str, int], today: date
) -> None:
    values = draft.values
    if values.get("provider_npi") and values["provider_npi"] not in providers:
        text = "no provider of this client has that NPI."
        draft.complain(first, Problem(first.where("provider_npi"), "provider_npi.unknown", text))
    payer = values.get("payer_id", "").upper()
    if payer not in SELF_PAY and payer not in payers:
        draft.complain(first, Problem(first.where("payer_id"), "payer_id.unknown", "no payer has that id."))
    if draft.served_on is not None and draft.served_on > today:
        text = "the date of service is in the future."
        draft.complain(first, Problem(first.where("service_date"), "service_date.future", text))


def _hold(intake: Intake, draft: EncounterDraft) -> None:
    """One bad row keeps the whole encounter out: half a visit is never billed."""
    bad = min(number for _, number in draft.problems)
    for key in rows_of(draft):
        verdict = intake.verdicts[key]
        verdict.state = RowState.PROBLEM
        waiting = Problem(verdict.row.where(), "encounter.held", f"waits for row {bad} of the same encounter.")
        verdict.problems = draft.problems.get(key, [waiting])


def _commit_encounters(office: Office, intake: Intake, upload_id: int) -> None:
    drafts, client_id = intake.drafts, intake.client_id
    if not drafts:
        return
    known = _look_up(office, intake)
    ids = office.reserve(Encounter, len(drafts))
    claim_ids = office.reserve(Claim, len(drafts))
    filing_ids = office.reserve(Filing, len(drafts))
    encounters, claims, lines, filings, self_pay = [], [], [], [], []
    for draft, encounter_id, claim_id, filing_id in zip(drafts, ids, claim_ids, filing_ids, strict=True):
        values = draft.values
        patient_id = known.patients[values["patient_id"]]
        provider_id = known.providers[values["provider_npi"]]
        encounters.append(
            {
                "client_id": client_id, "id": encounter_id, "upload_id": upload_id, "external_id": draft.external_id,
                "fingerprint": draft.fingerprint, "patient_id": patient_id, "provider_id": provider_id,
                "served_on": draft.served_on, "received_at": office.now,
                "source": {"note": values["note"]} if values.get("note") else None,
            }
        )  # fmt: skip
        claims.append(
            {
                "client_id": client_id, "id": claim_id, "encounter_id": encounter_id, "patient_id": patient_id,
                "provider_id": provider_id, "served_on": draft.served_on,
                "place": values.get("place_of_service") or "11", "diagnoses": draft.diagnoses,
                "charge_cents": sum(line.charge_cents or 0 for line in draft.lines),
                "prior_auth": values.get("prior_auth", ""), "created_at": office.now,
            }
        )  # fmt: skip
        lines += _line_rows(client_id, claim_id, draft)
        filing = _filing_row(client_id, filing_id, claim_id, draft, patient_id, known)
        (filings if filing["payer_id"] is not None else self_pay).append(filing)
        for key in rows_of(draft):
            intake.verdicts[key].encounter_id = encounter_id
    office.insert(Encounter, encounters)
    office.insert(Claim, claims)
    office.insert(ClaimLine, lines)
    charges = {claim["id"]: claim["charge_cents"] for claim in claims}
    for batch, event in ((filings, Event.COMMITTED), (self_pay, Event.COMMITTED_SELF_PAY)):
        cents = [charges[filing["claim_id"]] for filing in batch]
        progress.start(office, batch, event, act="claim created", cents=cents)
    _enter_charges(office, lines, {filing["claim_id"]: filing for filing in (*filings, *self_pay)})


def _look_up(office: Office, intake: Intake) -> _Known:
    """Find what the drafts name and add the patients and coverages that are new."""
    client_id = intake.client_id
    wanted = {draft.values["patient_id"]: draft for draft in intake.drafts}
    patients = registry.find_patients(office, client_id, wanted)
    new = [_patient_row(client_id, draft) for number, draft in wanted.items() if number not in patients]
    for row, patient_id in zip(new, office.insert(Patient, new), strict=True):
        patients[str(row["external_id"])] = patient_id
    payers = registry.find_payers(office)
    coverages = registry.find_coverages(office, client_id, patients.values())
    missing: dict[tuple[int, int, str], dict[str, object]] = {}
    for draft in intake.drafts:
        payer = draft.values.get("payer_id", "").upper()
        if payer in SELF_PAY:
            continue
        key = (patients[draft.values["patient_id"]], payers[payer], draft.values.get("member_id", ""))
        if key not in coverages and key not in missing:
            missing[key] = _coverage_row(client_id, key, draft)
    for key, coverage_id in zip(missing, office.insert(Coverage, list(missing.values())), strict=True):
        coverages[key] = coverage_id
    days = {row.id: row.filing_days for row in office.rows(select(Payer.id, Payer.filing_days))}
    return _Known(payers, registry.find_providers(office, client_id), patients, coverages, days)


def _patient_row(client_id: int, draft: EncounterDraft) -> dict[str, object]:
    values = draft.values
    return {
        "client_id": client_id, "external_id": values["patient_id"], "last": values["last_name"],
        "first": values.get("first_name", ""), "born_on": draft.birth_date,
        "sex": SEXES[values.get("sex", "").upper()], "street": values.get("street", ""),
        "city": values.get("city", ""), "region": values.get("state", "").upper(), "zip": values.get("zip", ""),
    }  # fmt: skip


def _coverage_row(client_id: int, key: tuple[int, int, str], draft: EncounterDraft) -> dict[str, object]:
    return {
        "client_id": client_id, "patient_id": key[0], "payer_id": key[1], "member_id": key[2],
        "group_number": draft.values.get("group_number", ""),
        "relationship": draft.values.get("relationship") or "18", "subscriber": None,
    }  # fmt: skip


def _line_rows(client_id: int, claim_id: int, draft: EncounterDraft) -> list[dict[str, object]]:
    return [
        {
            "client_id": client_id, "claim_id": claim_id, "line_no": number, "code": line.code,
            "modifiers": line.modifiers, "units": line.units, "charge_cents": line.charge_cents or 0,
            "pointers": line.pointers, "served_on": draft.served_on, "wanted": line.wanted,
            "coded_by": "client" if line.code else "",
        }
        for number, line in enumerate(draft.lines, start=1)
    ]  # fmt: skip


def _filing_row(
    client_id: int, filing_id: int, claim_id: int, draft: EncounterDraft, patient_id: int, known: _Known
) -> dict[str, object]:
    payer = draft.values.get("payer_id", "").upper()
    payer_id = None if payer in SELF_PAY else known.payers[payer]
    coverage = None if payer_id is None else known.coverages[patient_id, payer_id, draft.values.get("member_id", "")]
    assert draft.served_on is not None
    limit = None if payer_id is None else draft.served_on + timedelta(days=known.filing_days[payer_id])
    return {
        "client_id": client_id, "id": filing_id, "claim_id": claim_id, "payer_id": payer_id,
        "coverage_id": coverage, "rank": 1, "file_by": limit,
    }  # fmt: skip


def _enter_charges(office: Office, lines: list[dict[str, object]], filings: dict[object, dict[str, object]]) -> None:
    entries = []
    for line in lines:
        filing = filings[line["claim_id"]]
        owed_by = Account.PATIENT if filing["payer_id"] is None else Account.INSURANCE
        entries.append(
            Entry(
                line["client_id"], Kind.CHARGE, owed_by, Account.REVENUE, line["charge_cents"],  # type: ignore[arg-type]
                f"charge:{line['id']}", claim_id=line["claim_id"], line_id=line["id"], filing_id=filing["id"],  # type: ignore[arg-type]
            )
        )  # fmt: skip
    books.enter(office, entries, fresh=True)


def _row(intake: Intake, upload_id: int, verdict: Verdict) -> dict[str, object]:
    return {
        "client_id": intake.client_id, "upload_id": upload_id, "file_name": verdict.row.file,
        "row_no": verdict.row.number, **_outcome(verdict),
    }  # fmt: skip


def _outcome(verdict: Verdict) -> dict[str, object]:
    bad = verdict.state is RowState.PROBLEM
    return {
        "state": verdict.state,
        "encounter_id": verdict.encounter_id,
        "raw": verdict.row.values if bad else None,
        "problems": [asdict(problem) for problem in verdict.problems] if bad else None,
    }


def _queue_problems(office: Office, intake: Intake, row_ids: Sequence[int]) -> None:
    place = Place(Queue.INTAKE, 1)
    worklist.put(
        office,
        Subject.UPLOAD_ROW,
        [
            Placing(intake.client_id, row_id, place, Turn.CLIENT, verdict.problems[0].text if verdict.problems else "")
            for row_id, verdict in zip(row_ids, intake.verdicts.values(), strict=True)
            if verdict.state is RowState.PROBLEM
        ],
    )


def _close_fixed(office: Office, intake: Intake, rows: dict[SheetRowKey, int]) -> None:
    done = [rows[key] for key, verdict in intake.verdicts.items() if verdict.state is not RowState.PROBLEM]
    _close_rows(office, intake.client_id, done)


def _close_rows(office: Office, client_id: int, row_ids: Sequence[int]) -> None:
    closings = [Placing(client_id, row_id, None, Turn.NONE) for row_id in row_ids]
    worklist.move(office, Subject.UPLOAD_ROW, closings)
