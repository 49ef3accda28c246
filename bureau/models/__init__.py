"""What is remembered: tables only, no decisions."""

from bureau.models.books import Journal, Transfer
from bureau.models.claims import (
    Acknowledgement,
    Claim,
    ClaimLine,
    Coverage,
    Encounter,
    Filing,
    Patient,
    Step,
    Submission,
)
from bureau.models.intake import Upload, UploadMessage, UploadRow
from bureau.models.letters import Letter
from bureau.models.opening import OpeningBadRow, OpeningClaim, OpeningLetter, OpeningList, OpeningPayment
from bureau.models.post import Mail, Remittance, RemittanceClaim
from bureau.models.talk import Message, Notice, ReadMark, Thread
from bureau.models.visits import ChargeDraft, VisitCount
from bureau.models.work import Denial, JobRun, Question, ScrubHit, WorkItem

__all__ = [
    "Acknowledgement",
    "ChargeDraft",
    "Claim",
    "ClaimLine",
    "Coverage",
    "Denial",
    "Encounter",
    "Filing",
    "JobRun",
    "Journal",
    "Letter",
    "Mail",
    "Message",
    "Notice",
    "OpeningBadRow",
    "OpeningClaim",
    "OpeningLetter",
    "OpeningList",
    "OpeningPayment",
    "Patient",
    "Question",
    "ReadMark",
    "Remittance",
    "RemittanceClaim",
    "ScrubHit",
    "Step",
    "Submission",
    "Thread",
    "Transfer",
    "Upload",
    "UploadMessage",
    "UploadRow",
    "VisitCount",
    "WorkItem",
]
