"""Everything the bureau can do for a client, step by step, in words a practice can compare: what each tier holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    """A thing the bureau may do for a client; the first part names the step of the revenue cycle."""

    REGISTRATION_LIST = "registration.list"
    ELIGIBILITY_CHECK = "eligibility.check"
    AUTHORIZATION_TRACK = "authorization.track"
    INTAKE_UPLOAD = "intake.upload"
    INTAKE_837 = "intake.837"
    INTAKE_KEYED = "intake.keyed"
    INTAKE_QUERY_CLIENT = "intake.query_client"
    CODE_VALIDATE = "code.validate"
    CODE_REVIEW = "code.review"
    CODE_AUDIT = "code.audit"
    CODE_MISSED_CHARGES = "code.missed_charges"
    SCRUB_RUN = "scrub.run"
    SUBMIT_837P = "submit.837p"
    SUBMIT_CORRECTED = "submit.corrected"
    SUBMIT_SECONDARY = "submit.secondary"
    ACK_999 = "ack.999"
    ACK_277CA = "ack.277ca"
    REJECT_WORK = "reject.work"
    RISK_SCORE = "risk.score"
    POST_835 = "post.835"
    POST_EXCEPTIONS = "post.exceptions"
    POST_DEPOSITS = "post.deposits"
    POST_PATIENT = "post.patient"
    POST_CREDITS = "post.credits"
    STATUS_ALARM = "status.alarm"
    STATUS_INQUIRY = "status.inquiry"
    STATUS_SWEEP = "status.sweep"
    STATUS_SCORED = "status.scored"
    DENIAL_RECORD = "denial.record"
    DENIAL_FIX = "denial.fix_resubmit"
    DENIAL_ROUTE = "denial.route"
    DENIAL_APPEAL = "denial.appeal"
    UNDERPAYMENT_FLAG = "underpayment.flag"
    UNDERPAYMENT_RECOVER = "underpayment.recover"
    PATIENT_STATEMENTS = "patient.statements"
    PATIENT_ESTIMATES = "patient.estimates"
    PATIENT_PLANS = "patient.plans"
    REPORT_CLAIM_STATUS = "report.claim_status"
    REPORT_AGING = "report.aging"
    REPORT_DAILY_POSTINGS = "report.daily_postings"
    REPORT_FORECAST = "report.forecast"
    REPORT_PAYERS = "report.payers"
    REPORT_DENIAL_TREND = "report.denial_trend"
    REPORT_REIMBURSEMENT = "report.reimbursement"
    REPORT_PRODUCTIVITY = "report.productivity"


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of the comparison: what it is called, what it means for a practice, whether billing alone has it."""

    capability: Capability
    step: str
    label: str
    about: str
    in_billing: bool


_C = Capability
# Step by step: capability, label, what it means for a practice, whether billing alone has it.
_TABLE: tuple[tuple[str, tuple[tuple[Capability, str, str, bool], ...]], ...] = (
    ("Before the visit", (
        (_C.REGISTRATION_LIST, "Registration checks", "New patients are checked before they come.", False),
        (_C.ELIGIBILITY_CHECK, "Insurance verification", "Cover is asked for, again just before the visit.", False),
        (_C.AUTHORIZATION_TRACK, "Prior authorization", "We ask payers and watch the units that are left.", False),
    )),
    ("Charges and coding", (
        (_C.INTAKE_UPLOAD, "Upload of encounters", "Spreadsheets and exports of your system.", True),
        (_C.INTAKE_837, "Claims from your own system", "An 837P you already make is checked and taken over.", True),
        (_C.INTAKE_KEYED, "Charge entry", "Charges keyed in the portal.", True),
        (_C.INTAKE_QUERY_CLIENT, "Questions, not guesses", "What only you know, we ask you, with a date.", True),
        (_C.CODE_VALIDATE, "Code checks", "Every code is checked for the day of service.", True),
        (_C.CODE_REVIEW, "Coding of open lines", "A coder completes what came without a code.", True),
        (_C.CODE_AUDIT, "Coding audit", "A monthly sample against the documentation.", False),
        (_C.CODE_MISSED_CHARGES, "Missed charges", "Visits without a charge are found.", False),
    )),
    ("Claims", (
        (_C.SCRUB_RUN, "Claim checks before sending", "Payers' edits run before the payer runs them.", True),
        (_C.SUBMIT_837P, "Claims to payers", "Electronic claims, and paper where a payer wants it.", True),
        (_C.SUBMIT_CORRECTED, "Corrected and void claims", "What was sent wrong is sent again the right way.", True),
        (_C.SUBMIT_SECONDARY, "Second insurance", "The next payer is billed once the first has decided.", True),
        (_C.ACK_999, "Proof of delivery", "Each file's receipt is kept.", True),
        (_C.ACK_277CA, "Proof of acceptance", "Each claim's receipt is kept as proof of timely filing.", True),
        (_C.REJECT_WORK, "Rejections", "A claim a payer will not take in is fixed and sent again.", True),
        (_C.RISK_SCORE, "Denial risk", "Claims likely to be denied are looked at before they go.", False),
    )),
    ("Payments", (
        (_C.POST_835, "Payment posting", "Every payment balanced and posted to the cent.", True),
        (_C.POST_EXCEPTIONS, "Posting exceptions", "What does not match is worked by hand.", True),
        (_C.POST_DEPOSITS, "Deposits", "Payments are matched to the bank.", True),
        (_C.POST_PATIENT, "Patient payments", "Posted and allocated.", True),
        (_C.POST_CREDITS, "Credits and refunds", "Overpayments are found and given back in time.", True),
    )),
    ("Follow-up", (
        (_C.STATUS_ALARM, "No-response alarm", "A payer who is silent too long is asked.", True),
        (_C.STATUS_INQUIRY, "Status inquiry", "One inquiry for a claim that is late.", True),
        (_C.STATUS_SWEEP, "Scheduled status sweep", "Every open claim is asked about on a schedule.", False),
        (_C.STATUS_SCORED, "Scored work lists", "The most valuable and most urgent work comes first.", False),
    )),
    ("Denials and underpayments", (
        (_C.DENIAL_RECORD, "Denials recorded", "Every denial is kept with its cause.", True),
        (_C.DENIAL_FIX, "Fix and resubmit", "Denials that a correction or a record heals.", True),
        (_C.DENIAL_ROUTE, "Denials worked by cause", "Routed by payer and reason, with the fault's owner.", False),
        (_C.DENIAL_APPEAL, "Appeals", "Written, filed in time and followed to the last level.", False),
        (_C.UNDERPAYMENT_FLAG, "Underpayments flagged", "Paid below contract is marked.", True),
        (_C.UNDERPAYMENT_RECOVER, "Underpayments recovered", "And claimed back.", False),
    )),
    ("Patients", (
        (_C.PATIENT_STATEMENTS, "Statements", "What patients owe, sent and answered for.", True),
        (_C.PATIENT_ESTIMATES, "Cost estimates", "What a visit will cost, before it.", False),
        (_C.PATIENT_PLANS, "Payment plans and collections", "Plans agreed and kept an eye on.", False),
    )),
    ("Reports", (
        (_C.REPORT_CLAIM_STATUS, "Claim status", "Where every claim stands.", True),
        (_C.REPORT_AGING, "Aging", "What is owed, by whom and for how long.", True),
        (_C.REPORT_DAILY_POSTINGS, "Daily postings", "What was posted each day.", True),
        (_C.REPORT_FORECAST, "Revenue forecast", "What is likely to come in, and when.", False),
        (_C.REPORT_PAYERS, "Payer performance", "How fast and how well each payer pays.", False),
        (_C.REPORT_DENIAL_TREND, "Denial trends", "What is denied, why, and whether it gets better.", False),
        (_C.REPORT_REIMBURSEMENT, "Reimbursement patterns", "What each service brings, by payer.", False),
        (_C.REPORT_PRODUCTIVITY, "Productivity", "What was done for you, and how much.", False),
    )),
)  # fmt: skip
FEATURES = tuple(Feature(name, step, label, about, held) for step, rows in _TABLE for name, label, about, held in rows)
