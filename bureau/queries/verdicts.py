"""What would become of every row of an upload: read against the book, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bureau.models.intake import RowState
from bureau.office import Office
from bureau.queries import registry
from bureau.queries.opening import find_old_visits
from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.judging import Book, Judgement, judge
from bureau.rules.intake.layout import EncounterDraft, ProviderDraft, SheetRow, SheetRowKey
from config.problems import Problem


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
    version: int | None = None  # of the saved mapping it is read with
    verdicts: dict[SheetRowKey, Verdict] = field(default_factory=dict)
    drafts: list[EncounterDraft] = field(default_factory=list)  # the good ones
    providers: list[ProviderDraft] = field(default_factory=list)  # to be added for this client
    messages: dict[str, str] = field(default_factory=dict)  # new ones: control id -> hash of what each says
    kinds: dict[str, int] = field(default_factory=dict)  # resources or segments of the source by kind
    row_ids: dict[SheetRowKey, int] = field(default_factory=dict)  # of stored rows that are tried again
    reference_rows: int = 0
    problems: list[Problem] = field(default_factory=list)  # of the file as a whole: it is refused
    upload_id: int | None = None  # the upload it became, corrects, or is a repeat of

    def count(self, state: RowState) -> int:
        return sum(verdict.state is state for verdict in self.verdicts.values())

    @property
    def rows(self) -> int:
        return len(self.verdicts) + self.reference_rows

    @property
    def accepted(self) -> int:
        return self.count(RowState.ACCEPTED) + self.reference_rows

    @property
    def is_refused(self) -> bool:
        return bool(self.problems)

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for verdict in self.verdicts.values() for problem in verdict.problems)]


def judge_rows(office: Office, intake: Intake, rows: Sequence[SheetRow]) -> None:
    """Give every row its verdict, and the intake the encounters that are good."""
    accepted = RowState.ACCEPTED
    intake.verdicts = {(row.file, row.number): Verdict(row, accepted) for row in rows}
    drafts, repeats = read_encounters(_drop_heard(office, intake, rows))
    for row in repeats:
        intake.verdicts[row.file, row.number].state = RowState.DUPLICATE
    client_id = intake.client_id
    earlier = registry.find_encounters(office, client_id, [draft.external_id for draft in drafts])
    npis = {*registry.find_providers(office, client_id), *(draft.npi for draft in intake.providers)}
    payers, prices = registry.find_payers(office), registry.find_prices(office, client_id)
    client = office.client(client_id)
    cutover_on = None if client.bills_before_cutover else client.cutover_on
    old_visits = find_old_visits(office, client_id, {one.served_on for one in drafts if one.served_on is not None})
    book = Book(npis, payers, prices, office.today(client_id), cutover_on, old_visits)
    for draft in drafts:
        fingerprint, encounter_id = earlier.get(draft.external_id, (None, None))
        judgement = judge(draft, fingerprint, book)
        if judgement is Judgement.GOOD:
            intake.drafts.append(draft)
        elif judgement is Judgement.BAD:
            _hold(intake, draft)
        else:
            for key in draft.row_keys():
                intake.verdicts[key].state = RowState.DUPLICATE
                intake.verdicts[key].encounter_id = encounter_id


def _drop_heard(office: Office, intake: Intake, rows: Sequence[SheetRow]) -> list[SheetRow]:
    """Without the rows of messages that were taken in before; one that says something else now is a problem."""
    if not intake.messages:
        return list(rows)
    known = registry.find_messages(office, intake.client_id, intake.messages)
    left = []
    for row in rows:
        verdict = intake.verdicts[row.file, row.number]
        if known.get(row.message) is None:
            left.append(row)
        elif known[row.message] == intake.messages[row.message]:
            verdict.state = RowState.DUPLICATE
        else:
            text = "A message with this control id (MSH-10) was taken in before with other content."
            verdict.state, verdict.problems = RowState.PROBLEM, [Problem(row.where(), "message.changed", text)]
    intake.messages = {control: said for control, said in intake.messages.items() if control not in known}
    return left


def _hold(intake: Intake, draft: EncounterDraft) -> None:
    """One bad row keeps the whole encounter out: half a visit is never billed."""
    bad = intake.verdicts[min(draft.problems, key=lambda key: key[1])].row
    for key in draft.row_keys():
        verdict = intake.verdicts[key]
        verdict.state = RowState.PROBLEM
        text = f"waits for {bad.at} of the same encounter."
        verdict.problems = draft.problems.get(key, [Problem(verdict.row.where(), "encounter.held", text)])
