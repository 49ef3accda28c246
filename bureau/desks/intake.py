"""The intake desk: takes what a client uploads and turns each good encounter into a claim with its charges."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256

from bureau import books, progress, worklist
from bureau.books import Entry
from bureau.models import Claim, ClaimLine, Coverage, Encounter, Filing, Patient, Upload, UploadMessage, UploadRow
from bureau.models.books import Account, Kind
from bureau.models.intake import RowState
from bureau.office import Office
from bureau.queries import registry
from bureau.queries.verdicts import Intake, Verdict, judge_rows
from bureau.rules.intake import rows as build
from bureau.rules.intake.corrections import as_layout, sort_corrections
from bureau.rules.intake.layout import ALL_COLUMNS, Reading, SheetRow, encounter_key
from bureau.rules.intake.readers import CORRECTED, UNITS, Reader, find_size_problem
from bureau.rules.lifecycle import Event, Turn
from bureau.rules.routing import Place, Queue
from bureau.worklist import Placing, Subject
from clients.agreements import may_take_in
from clients.models import Provider
from config.collector import one_sweep
from config.problems import Problem


@one_sweep()
def check_upload(
    office: Office, client_id: int, file_name: str, data: bytes, *, profile: str, read: Reader,
    version: int | None = None,
) -> Intake:  # fmt: skip
    """Read a file and say what would become of every row; writes nothing. The same bytes twice are refused.

    `version` is that of the saved mapping the reader reads with; the upload keeps it.
    """
    intake = Intake(client_id, file_name, data, sha256(data).hexdigest(), profile, version)
    earlier = registry.find_upload(office, client_id, intake.sha256)
    if earlier is not None:
        text = (
            f"This very file was taken before, as {earlier.file_name} on "
            f"{earlier.received_at:%d %b %Y} (upload {earlier.id}); nothing was done."
        )
        intake.problems.append(Problem(file_name, "file.duplicate", text))
        intake.upload_id = earlier.id
        return intake
    refused = may_take_in(office.session, office.client(client_id), office.today(client_id))
    if refused is not None:
        intake.problems.append(refused)
        return intake
    too_big = find_size_problem(file_name, data, office.settings.max_upload_bytes)
    if too_big is not None:
        intake.problems.append(too_big)
        return intake
    reading = read(file_name, data)
    if reading.is_refused:
        intake.problems += reading.problems
        return intake
    if profile == CORRECTED:
        return _check_corrected(office, intake, reading)
    intake.reference_rows = reading.reference_rows
    intake.messages, intake.kinds = reading.messages, reading.kinds
    known = registry.find_providers(office, client_id)
    intake.providers = [draft for draft in reading.providers if draft.npi not in known]
    judge_rows(office, intake, reading.rows)
    return intake


@one_sweep()
def commit_upload(office: Office, intake: Intake) -> int:
    """Write a checked upload: every row with its verdict, the good encounters as claims. Returns the upload's id.

    A sheet of corrections becomes no upload of its own: its rows are fixed where they stand. Raises ValueError for
    a file that was refused.
    """
    if intake.is_refused:
        raise ValueError("a refused file cannot be committed")
    if intake.row_ids:
        return _commit_fixed(office, intake)
    problems, duplicates = intake.count(RowState.PROBLEM), intake.count(RowState.DUPLICATE)
    row = {
        "client_id": intake.client_id, "sha256": intake.sha256, "file_name": intake.file_name,
        "profile": intake.profile, "profile_version": intake.version, "content": zlib.compress(intake.data, 1),
        "received_at": office.now,
        "sent_by": str(office.actor), "rows": intake.rows, "accepted": intake.accepted, "problems": problems,
        "duplicates": duplicates, "encounters": len(intake.drafts), "kinds": intake.kinds or None,
    }  # fmt: skip
    intake.upload_id = upload_id = office.insert(Upload, [row])[0]
    office.insert(Provider, [build.provider_row(intake.client_id, draft) for draft in intake.providers])
    heard = [{"control": control, "fingerprint": said} for control, said in intake.messages.items()]
    office.insert(UploadMessage, [{"client_id": intake.client_id, "upload_id": upload_id, **one} for one in heard])
    _commit_encounters(office, intake, upload_id)
    row_ids = office.insert(UploadRow, [_row(intake, upload_id, verdict) for verdict in intake.verdicts.values()])
    _queue_problems(office, intake, row_ids)
    text = f"{intake.file_name}: {intake.accepted} rows accepted, {problems} with problems, {duplicates} duplicates"
    books.record(office, intake.client_id, "upload taken", items=len(intake.drafts), text=text)
    return upload_id


def fix_rows(office: Office, upload: Upload, values: Mapping[int, Mapping[str, str]]) -> Intake:
    """Try problem rows again with corrected values, given by row id; whatever is good now is committed.

    Rows of the same upload that wait for one another (same encounter) are taken along. What was corrected stays
    with a row that is not good yet. A row that is no problem (any more) is a problem of the answer.
    """
    intake = Intake(upload.client_id, upload.file_name, b"", upload.sha256, upload.profile)
    _try_again(office, intake, upload, values)
    _commit_fixed(office, intake)
    return intake


def _try_again(office: Office, intake: Intake, upload: Upload, values: Mapping[int, Mapping[str, str]]) -> None:
    stored = {row.id: row for row in registry.find_problem_rows(office, upload)}
    intake.upload_id = upload.id
    for row_id in values.keys() - stored.keys():
        text = "This row is no open problem of the upload; it was fixed or discarded before."
        intake.problems.append(Problem(f"{upload.file_name} row id {row_id}", "row.not_open", text))
    tried = {row_id: _merge(row.raw or {}, values.get(row_id, {})) for row_id, row in stored.items()}
    keys = {encounter_key(raw) for row_id, raw in tried.items() if row_id in values}
    keys |= {encounter_key(stored[row_id].raw or {}) for row_id in values if row_id in stored}
    intake.row_ids = {
        (stored[row_id].file_name, stored[row_id].row_no): row_id
        for row_id, raw in tried.items()
        if encounter_key(raw) in keys
    }
    # A repeat within the file was told apart when it came; these lines are all meant.
    unit = UNITS.get(upload.profile, "row")
    rows = [SheetRow(*key, tried[row_id], identity=str(row_id), unit=unit) for key, row_id in intake.row_ids.items()]
    judge_rows(office, intake, rows)


def _check_corrected(office: Office, intake: Intake, reading: Reading) -> Intake:
    """What would become of bad rows that were sent back; those that are no longer open are passed over."""
    client_id, sent = intake.client_id, sort_corrections(reading.rows)
    upload = registry.find_standing_upload(office, client_id, sent.upload_id)
    if upload is None:
        text = "The keys in its first column are of no upload of this practice, or of several."
        intake.problems.append(Problem(intake.file_name, "corrected.unknown", text))
        return intake
    profile = registry.find_mapping(office, client_id, upload.profile, upload.profile_version)
    is_open = {row.id for row in registry.find_problem_rows(office, upload)}
    values = {row_id: as_layout(said, profile) for row_id, said in sent.values.items() if row_id in is_open}
    if values:
        _try_again(office, intake, upload, values)
    else:
        text = "All rows of this sheet were fixed or left out before; nothing was done."
        intake.problems.append(Problem(intake.file_name, "corrected.done", text))
    intake.reference_rows = len(sent.values) - len(values)
    return intake


def discard_row(office: Office, row: UploadRow, *, why: str) -> Intake | None:
    """Take a problem row out of the queue for good, with the reason on record.

    Rows of the same encounter that waited for it are tried again without it; returns what became of them.
    Nothing happens to a row that is no open problem.
    """
    if row.state != RowState.PROBLEM:
        return None
    row.state = RowState.DISCARDED
    upload = office.get(Upload, row.client_id, row.upload_id)
    upload.problems -= 1
    office.session.flush()
    _close_rows(office, row.client_id, [row.id])
    books.record(office, row.client_id, "upload row discarded", text=f"{row.file_name} row {row.row_no}: {why}")
    key = encounter_key(row.raw or {})
    waiting = [one.id for one in registry.find_problem_rows(office, upload) if encounter_key(one.raw or {}) == key]
    return fix_rows(office, upload, {row_id: {} for row_id in waiting}) if waiting else None


def _merge(raw: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The row with its corrections, in the order of the layout so that it hashes as the same row in a file would."""
    merged = {**raw, **{name: text.strip() for name, text in values.items()}}
    return {name: merged[name] for name in ALL_COLUMNS if name in merged}


def _commit_encounters(office: Office, intake: Intake, upload_id: int) -> None:
    drafts, client_id, now = intake.drafts, intake.client_id, office.now
    if not drafts:
        return
    known = _look_up(office, intake)
    ids = zip(*(office.reserve(model, len(drafts)) for model in (Encounter, Claim, Filing)), strict=True)
    encounters, claims, lines, filings = [], [], [], []
    for draft, (encounter_id, claim_id, filing_id) in zip(drafts, ids, strict=True):
        place = build.Place(client_id, upload_id, encounter_id, claim_id, filing_id)
        encounters.append(build.encounter_row(place, draft, known, now))
        claims.append(build.claim_row(place, draft, known, now))
        lines += build.line_rows(place, draft)
        filings.append(build.filing_row(place, draft, known))
        for key in draft.row_keys():
            intake.verdicts[key].encounter_id = encounter_id
    office.insert(Encounter, encounters)
    office.insert(Claim, claims)
    office.insert(ClaimLine, lines)
    charges = {claim["id"]: claim["charge_cents"] for claim in claims}
    insured = [filing for filing in filings if filing["payer_id"] is not None]
    self_pay = [filing for filing in filings if filing["payer_id"] is None]
    for batch, event in ((insured, Event.COMMITTED), (self_pay, Event.COMMITTED_SELF_PAY)):
        cents = [charges[filing["claim_id"]] for filing in batch]
        progress.start(office, batch, event, act="claim created", cents=cents)  # type: ignore[arg-type]
    _enter_charges(office, lines, {filing["claim_id"]: filing for filing in filings})


def _look_up(office: Office, intake: Intake) -> build.Known:
    """Find what the drafts name and add the patients and coverages that are new."""
    client_id = intake.client_id
    wanted = {draft.values["patient_id"]: draft for draft in intake.drafts}
    patients = registry.find_patients(office, client_id, wanted)
    new = [build.patient_row(client_id, draft) for number, draft in wanted.items() if number not in patients]
    for row, patient_id in zip(new, office.insert(Patient, new), strict=True):
        patients[str(row["external_id"])] = patient_id
    payers = registry.find_payers(office)
    coverages = registry.find_coverages(office, client_id, patients.values())
    missing: dict[build.CoverageKey, build.Row] = {}
    for draft in intake.drafts:
        code = build.payer_code(draft)
        if code is None:
            continue
        key = (patients[draft.values["patient_id"]], payers[code], draft.values.get("member_id", ""))
        if key not in coverages and key not in missing:
            missing[key] = build.coverage_row(client_id, key, draft)
    for key, coverage_id in zip(missing, office.insert(Coverage, list(missing.values())), strict=True):
        coverages[key] = coverage_id
    days, providers = registry.find_filing_days(office), registry.find_providers(office, client_id)
    return build.Known(payers, days, providers, patients, coverages)


def _enter_charges(office: Office, lines: Sequence[build.Row], filings: Mapping[object, build.Row]) -> None:
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


def _row(intake: Intake, upload_id: int, verdict: Verdict) -> build.Row:
    return {
        "client_id": intake.client_id, "upload_id": upload_id, "file_name": verdict.row.file,
        "row_no": verdict.row.number, **_outcome(verdict),
    }  # fmt: skip


def _outcome(verdict: Verdict) -> build.Row:
    bad = verdict.state is RowState.PROBLEM
    return {
        "state": verdict.state,
        "encounter_id": verdict.encounter_id,
        "raw": verdict.row.values if bad else None,
        "problems": [asdict(problem) for problem in verdict.problems] if bad else None,
    }


def _commit_fixed(office: Office, intake: Intake) -> int:
    """Write what became of rows that were tried again: claims, rows, the counts of the upload, queue and journal."""
    upload = office.get(Upload, intake.client_id, intake.upload_id or 0)
    _commit_encounters(office, intake, upload.id)
    ids = intake.row_ids
    changed = [
        {"client_id": upload.client_id, "id": ids[key], **_outcome(verdict)} for key, verdict in intake.verdicts.items()
    ]
    office.session.flush()
    office.update(UploadRow, changed)
    office.session.expire_all()  # rows somebody holds in this session are read again
    done = [ids[key] for key, verdict in intake.verdicts.items() if verdict.state is not RowState.PROBLEM]
    _close_rows(office, upload.client_id, done)
    accepted, duplicates = intake.count(RowState.ACCEPTED), intake.count(RowState.DUPLICATE)
    upload.accepted += accepted
    upload.duplicates += duplicates
    upload.problems -= accepted + duplicates
    upload.encounters += len(intake.drafts)
    office.session.flush()
    if ids:
        books.record(office, upload.client_id, "upload rows fixed", items=accepted)
    return upload.id


def _queue_problems(office: Office, intake: Intake, row_ids: Sequence[int]) -> None:
    place = Place(Queue.INTAKE, 1)
    placings = [
        Placing(intake.client_id, row_id, place, Turn.CLIENT, verdict.problems[0].text if verdict.problems else "")
        for row_id, verdict in zip(row_ids, intake.verdicts.values(), strict=True)
        if verdict.state is RowState.PROBLEM
    ]
    worklist.put(office, Subject.UPLOAD_ROW, placings)


def _close_rows(office: Office, client_id: int, row_ids: Sequence[int]) -> None:
    closings = [Placing(client_id, row_id, None, Turn.NONE) for row_id in row_ids]
    worklist.move(office, Subject.UPLOAD_ROW, closings)
