"""Where an open filing lies: a queue, or asleep with a date on which it wakes. A pure function of its state."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bureau.rules.lifecycle import CLOSED, State


class Queue(StrEnum):
    """The work queues; the names people see are in the glossary."""

    INTAKE = "Q1"
    QUESTIONS = "Q2"
    ELIGIBILITY = "Q3"
    AUTHORIZATION = "Q4"
    CODING = "Q5"
    SCRUB = "Q6"
    REJECTIONS = "Q7"
    NO_RESPONSE = "Q8"
    POSTING = "Q9"
    DEPOSITS = "Q10"
    DENIALS = "Q11"
    SECONDARY = "Q12"
    UNDERPAYMENTS = "Q13"
    CREDITS = "Q14"
    PATIENTS = "Q15"


class Alarm(StrEnum):
    """What a sleeping filing waits for, and so how long it sleeps."""

    NEXT_RUN = "next run"  # a job of the same day takes it up
    ACKNOWLEDGEMENT = "acknowledgement"
    PAYER_ANSWER = "payer answer"
    CROSSOVER = "crossover"
    STATEMENT = "statement"


class Place(NamedTuple):
    """A queue with its default clock in business days, or (queue None) the alarm that wakes it."""

    queue: Queue | None
    business_days: int = 0
    alarm: Alarm | None = None


def _in(queue: Queue, business_days: int) -> Place:
    return Place(queue, business_days)


def _asleep(alarm: Alarm) -> Place:
    return Place(None, 0, alarm)


PLACES: dict[State, Place] = {
    State.DRAFT: _asleep(Alarm.NEXT_RUN),
    State.NEEDS_INFO: _in(Queue.QUESTIONS, 3),
    State.CODING: _in(Queue.CODING, 2),
    State.SCRUB_FAILED: _in(Queue.SCRUB, 1),
    State.READY: _asleep(Alarm.NEXT_RUN),
    State.BATCHED: _asleep(Alarm.NEXT_RUN),
    State.TRANSMITTED: _asleep(Alarm.ACKNOWLEDGEMENT),
    State.REJECTED: _in(Queue.REJECTIONS, 2),
    State.ACCEPTED: _asleep(Alarm.PAYER_ANSWER),
    State.PENDED: _asleep(Alarm.PAYER_ANSWER),
    State.FOLLOW_UP: _in(Queue.NO_RESPONSE, 2),
    State.REMIT_REVIEW: _in(Queue.POSTING, 1),
    State.PAID: _asleep(Alarm.NEXT_RUN),
    State.PAID_VARIANCE: _in(Queue.UNDERPAYMENTS, 10),
    State.PART_DENIED: _in(Queue.DENIALS, 2),
    State.DENIED: _in(Queue.DENIALS, 2),
    State.CORRECTING: _in(Queue.DENIALS, 5),
    State.APPEALED: _asleep(Alarm.PAYER_ANSWER),
    State.AWAIT_NEXT_PAYER: _in(Queue.SECONDARY, 2),
    State.PATIENT_DUE: _asleep(Alarm.STATEMENT),
    State.CREDIT: _in(Queue.CREDITS, 30),
}


def place_of(state: State) -> Place | None:
    """Where a filing in this state lies; None when it is closed and lies nowhere."""
    return None if state in CLOSED else PLACES[state]
