"""What people do in a working day: practices answer and correct, the bureau's staff work the queues."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, select

from bureau.desks import coding, denials, followup, intake, questions
from bureau.models import Claim, ClaimLine, Encounter, Filing, Question, Upload, UploadRow
from bureau.models.intake import RowState
from bureau.office import Bureau, Office
from bureau.rules.intake.readers import build_reader
from bureau.rules.lifecycle import State
from clients.models import Client
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.clock import BusinessCalendar
from simulator.chronicle import Chronicle, Happening
from simulator.streams import dice
from simulator.visits import Diary, Visit
from simulator.visits import Upload as Charges


class PracticeLife:
    """One practice: it uploads its charges every day, answers questions, and corrects the rows that came back."""

    def __init__(self, bureau: Bureau, client: Client, diary: Diary, chronicle: Chronicle, seed: int) -> None:
        self.bureau, self.client, self.diary, self.chronicle, self.seed = bureau, client, diary, chronicle, seed
        self.actor = Actor(ActorKind.PERSON, f"{client.name} front desk")
        self.scope = Scope.of(client.id)
        self.spoiled: dict[str, Visit] = {}  # encounter number -> what really happened, where the file says otherwise
        self.uploaded: dict[str, Visit] = {}
        self.seen_questions: set[int] = set()
        self.unsent: list[Charges] = []

    def upload(self, day: date) -> int:
        """Send the day's charges, and those the bureau took none of before; returns how many encounters were taken."""
        charges = self.diary.upload_of(day)
        if charges is not None:
            self._remember(charges)
            self.unsent.append(charges)
        taken = 0
        while self.unsent and (count := self._send(self.unsent[0], day)) is not None:
            taken += count
            del self.unsent[0]
        return taken

    def _send(self, charges: Charges, day: date) -> int | None:
        """Encounters taken of one sheet; None while the bureau takes nothing in, as of a client that is paused."""
        with self.bureau.open_office(self.actor, self.scope) as office:
            reader = build_reader("standard", None, day)
            taken = intake.check_upload(
                office, self.client.id, charges.name, charges.content, profile="standard", read=reader
            )
            if taken.is_refused:
                return None
            intake.commit_upload(office, taken)
            numbers = [draft.external_id for draft in taken.drafts]
        for number in numbers:
            self.chronicle.note(self.bureau.clock.now(), Happening.UPLOADED, self.client.code, number)
        return len(numbers)

    def _remember(self, charges: Charges) -> None:
        self.uploaded |= {visit.number: visit for visit in charges.visits}
        self.spoiled |= {visit.number: visit for visit in charges.visits if visit.defect is not None}

    def notice_questions(self) -> None:
        """See what the bureau wants to know: from now on the ball lies here."""
        with self.bureau.open_office(self.actor, self.scope, read_only=True) as office:
            for question_id, number in self._open_questions(office):
                if question_id not in self.seen_questions:
                    self.seen_questions.add(question_id)
                    self.chronicle.note(self.bureau.clock.now(), Happening.ASKED, self.client.code, number)

    def answer_questions(self, calendar: BusinessCalendar, days: tuple[int, int]) -> None:
        """Answer what has been open for as long as this practice takes."""
        now = self.bureau.clock.now()
        with self.bureau.open_office(self.actor, self.scope) as office:
            for question_id, number in self._open_questions(office):
                question = office.get(Question, self.client.id, question_id)
                roll = dice(self.seed, self.client.code, number, "answer")
                patience = days[0] + int(roll * (days[1] - days[0] + 1))
                if calendar.business_seconds(question.asked_at, now) < patience * calendar.day_seconds:
                    continue
                answer = self._answer(question.field, self.uploaded[number])
                problems = questions.answer_question(office, self.client.id, question_id, answer)
                if not problems:
                    self.chronicle.note(now, Happening.ANSWERED, self.client.code, number)

    def _open_questions(self, office: Office) -> list[tuple[int, str]]:
        wanted = (
            select(Question.id, Encounter.external_id)
            .select_from(Question)
            .join(Filing, and_(Filing.client_id == Question.client_id, Filing.id == Question.filing_id))
            .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
            .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
            .where(Question.client_id == self.client.id, Question.state == "SENT")
            .order_by(Question.id)
        )
        return [(row[0], row[1]) for row in office.rows(wanted)]

    @staticmethod
    def _answer(field: str, visit: Visit) -> str:
        patient = visit.patient
        town = patient.town
        return {
            "member_id": patient.member,
            "first_name": f"{patient.first} {patient.last}",
            "birth_date": patient.birth.isoformat(),
            "sex": patient.sex,
            "address": f"{patient.street}; {town.city}; {town.state}; {town.zip}",
        }[field]

    def correct_rows(self) -> None:
        """Put right the rows that came back with a wrong date or a provider nobody knows."""
        with self.bureau.open_office(self.actor, self.scope) as office:
            wanted = select(UploadRow).where(UploadRow.client_id == self.client.id, UploadRow.state == RowState.PROBLEM)
            fixes: dict[int, dict[int, dict[str, str]]] = {}
            for row in office.session.scalars(wanted.order_by(UploadRow.upload_id, UploadRow.id)):
                visit = self.spoiled.get((row.raw or {}).get("encounter_id", ""))
                if visit is not None:
                    right = {"service_date": visit.day.isoformat(), "provider_npi": visit.clinician.npi}
                    fixes.setdefault(row.upload_id, {})[row.id] = right
            for upload_id, values in fixes.items():
                upload = office.get(Upload, self.client.id, upload_id)
                fixed = intake.fix_rows(office, upload, values)
                for draft in fixed.drafts:
                    now = self.bureau.clock.now()
                    self.chronicle.note(now, Happening.UPLOADED, self.client.code, draft.external_id)


class Desk:
    """The bureau's staff at their desks, over all clients; each verb does up to a day's worth of work."""

    def __init__(self, bureau: Bureau, practices: dict[int, PracticeLife], chronicle: Chronicle) -> None:
        self.bureau, self.practices, self.chronicle = bureau, practices, chronicle

    def code(self, most: int) -> None:
        """The coder gives lines without a code the one the visit asks for."""
        for client_id, life in self.practices.items():
            with self.bureau.open_office(_staff("coder"), Scope.of(client_id)) as office:
                for filing_id in coding.find_uncoded(office, client_id)[:most]:
                    most -= self._code_one(office, client_id, filing_id, life)

    @staticmethod
    def _code_one(office: Office, client_id: int, filing_id: int, life: PracticeLife) -> int:
        wanted = (
            select(Encounter.external_id, ClaimLine.id, ClaimLine.line_no, ClaimLine.code)
            .select_from(Filing)
            .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
            .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
            .join(ClaimLine, and_(ClaimLine.client_id == Claim.client_id, ClaimLine.claim_id == Claim.id))
            .where(Filing.client_id == client_id, Filing.id == filing_id)
        )
        rows = office.rows(wanted)
        visit = life.uploaded[rows[0].external_id]
        codes = {row.id: visit.lines[row.line_no - 1].code for row in rows if not row.code}
        problems = coding.code_claim(office, client_id, filing_id, codes, " ".join(visit.diagnoses))
        return 0 if problems else 1

    def fix_rejections(self, most: int) -> None:
        """The biller mends what a payer or the clearinghouse sent back, and it goes out again."""
        for client_id in self.practices:
            with self.bureau.open_office(_staff("biller"), Scope.of(client_id)) as office:
                filing_ids = _in_state(office, client_id, State.REJECTED, most)
                most -= followup.fix_rejections(office, client_id, filing_ids, note="checked against the card")

    def follow_up(self, most: int) -> None:
        """The biller asks payers for claims nobody answered for; they are in process."""
        for client_id in self.practices:
            with self.bureau.open_office(_staff("biller"), Scope.of(client_id)) as office:
                filing_ids = _in_state(office, client_id, State.FOLLOW_UP, most)
                status = followup.Status.IN_PROCESS
                followup.record_status(office, client_id, filing_ids, status, note="payer: in process")
                most -= len(filing_ids)

    def look_at_denials(self, most: int) -> None:
        """The denial specialist looks at new denials, oldest first."""
        for client_id, life in self.practices.items():
            with self.bureau.open_office(_staff("denial specialist"), Scope.of(client_id)) as office:
                filing_ids = denials.find_untouched(office, client_id)[:most]
                denials.triage(office, client_id, filing_ids, note="first look")
                most -= len(filing_ids)
            for filing_id in filing_ids:
                self.chronicle.note(self.bureau.clock.now(), Happening.TOUCHED, life.client.code, str(filing_id))


def _staff(role: str) -> Actor:
    return Actor(ActorKind.PERSON, f"simulated {role}")


def _in_state(office: Office, client_id: int, state: State, most: int) -> list[int]:
    wanted = select(Filing.id).where(Filing.client_id == client_id, Filing.state == state)
    return list(office.session.scalars(wanted.order_by(Filing.since, Filing.id).limit(max(0, most))))
