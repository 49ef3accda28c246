"""The practice's claims: where each stands and whose turn it is, in plain words, with the money and the story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bureau.office import Office
from bureau.queries import practice
from bureau.queries import today as glance
from bureau.queries.practice import ClaimFilter, ClaimPage, StepLine
from bureau.queries.questions import ANSWERED, find_questions
from bureau.rules.lifecycle import Event, Turn
from clients.access import Permission
from config.codes import diagnosis_text, procedure_name
from config.money import format_cents
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.front.place import here
from portal.views.front.words import EVENTS

PAGE = 50
STAGES = {str(number): (name, states) for number, (name, _means, states) in enumerate(glance.STAGES, start=1)}
QUIET = frozenset({Event.BATCHED, Event.FILE_ACCEPTED, Event.RECEIVED, Event.SETTLED})  # steps of ours alone


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the claim's story."""

    at: datetime
    what: str
    turn: str
    why: str = ""


@front.get("/claims")
@permits(Permission.CLIENT_READ)
def claims() -> ResponseReturnValue:
    fields = Fields(request.args)
    before = request.args.get("before", type=int)
    with open_office() as office:
        payers = practice.find_claim_payers(office, here())
        found = practice.find_claims(office, here(), _read_filter(fields), limit=PAGE + 1, before=before)
    return render_page(
        "front/claims/index.html", "front/claims/_rows.html", claims=found[:PAGE], more=len(found) > PAGE,
        before=before, fields=fields, payers=payers, stages=[(key, name) for key, (name, _) in STAGES.items()],
    )  # fmt: skip


@front.get("/claims/<int:claim_id>")
@permits(Permission.CLIENT_READ)
def claims_one(claim_id: int) -> ResponseReturnValue:
    with open_office() as office:
        claim = practice.get_claim(office, here(), claim_id)
        return render_template(
            "front/claims/one.html", claim=claim, last=claim.filings[-1], sentence=_say_balance(claim),
            story=_tell(office, claim), payments=practice.find_payments(office, here(), claim_id),
            denials=practice.find_denials(office, here(), claim_id),
            questions=find_questions(office, here(), claim_id=claim_id),
            procedure_name=procedure_name, diagnosis_text=diagnosis_text,
        )  # fmt: skip


def _read_filter(fields: Fields) -> ClaimFilter:
    """What the filter bar asks for; anything unreadable narrows nothing."""
    states = STAGES[fields["stage"]][1] if fields["stage"] in STAGES else ()
    payer = int(fields["payer"]) if fields["payer"].isdecimal() else None
    end = fields.day("to", required=False)
    return ClaimFilter(
        states, payer, fields["q"][:60].replace("\x00", ""), fields.day("from", required=False),
        end + timedelta(days=1) if end else None,
    )  # fmt: skip


def _say_balance(claim: ClaimPage) -> str:
    """Where the money of the claim is, as one sentence."""
    money, payer = claim.money, claim.filings[-1].payer or "the insurer"
    parts = [
        (money.paid, f"{payer} paid {{}}"),
        (money.contractual, "{} is the cut you agreed to by contract"),
        (money.written_off, "{} was given up"),
        (money.patient, "the patient owes {}"),
        (money.insurance, f"{{}} is still open with {payer}"),
        (money.other, "{} waits for its place to be known"),
    ]
    said = [words.format(f"${format_cents(cents)}") for cents, words in parts if cents]
    return f"Of ${format_cents(money.charged)} charged, {_join(said)}." if said else "Nothing was charged."


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _tell(office: Office, claim: ClaimPage) -> list[Happening]:
    """The story newest first; steps that mean nothing to a practice are left out."""
    steps = practice.find_steps(office, here(), claim.claim_id)
    told = [_happening(step) for step in steps if step.event not in QUIET]
    asked = find_questions(office, here(), states=ANSWERED, claim_id=claim.claim_id)
    told += [
        Happening(one.answered_at, f"{one.answered_by} answered: {one.answer}", Turn.BUREAU, one.text)
        for one in asked
        if one.answered_at
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)


def _happening(step: StepLine) -> Happening:
    words = EVENTS[Event(step.event)]
    if step.payer:
        words = words.replace("the insurer", step.payer).replace("The insurer", step.payer)
    return Happening(step.at, words, step.turn)
