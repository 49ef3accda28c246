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


def _features() -> tuple[Feature, ...]:
    c, both, full = Capability, True, False
    table: tuple[tuple[str, tuple[tuple[Capability, str, str, bool], ...]], ...] = (
        ("Before the visit", (
            (c.REGISTRATION_LIST, "Registration checks", "New patients are checked before they come.", full),
            (c.ELIGIBILITY_CHECK, "Insurance verification", "Cover is asked for, again just before the visit.", full),
            (c.AUTHORIZATION_TRACK, "Prior authorization", "We ask payers and watch the units that are left.", full),
        )),
        ("Charges and coding", (
            (c.INTAKE_UPLOAD, "Upload of encounters", "Spreadsheets and exports of your system.", both),
            (c.INTAKE_837, "Claims from your own system", "An 837P you already make is checked and taken over.", both),
            (c.INTAKE_KEYED, "Charge entry", "Charges keyed in the portal.", both),
            (c.INTAKE_QUERY_CLIENT, "Questions, not guesses", "What only you know, we ask you, with a date.", both),
            (c.CODE_VALIDATE, "Code checks", "Every code is checked for the day of service.", both),
            (c.CODE_REVIEW, "Coding of open lines", "A coder completes what came without a code.", both),
            (c.CODE_AUDIT, "Coding audit", "A monthly sample against the documentation.", full),
            (c.CODE_MISSED_CHARGES, "Missed charges", "Visits without a charge are found.", full),
        )),
        ("Claims", (
            (c.SCRUB_RUN, "Claim checks before sending", "Payers' edits run before the payer runs them.", both),
            (c.SUBMIT_837P, "Claims to payers", "Electronic claims, and paper where a payer wants it.", both),
            (c.SUBMIT_CORRECTED, "Corrected and void claims", "What was sent wrong is sent again the right way.", both),
            (c.SUBMIT_SECONDARY, "Second insurance", "The next payer is billed once the first has decided.", both),
            (c.ACK_999, "Proof of delivery", "Each file's receipt is kept.", both),
            (c.ACK_277CA, "Proof of acceptance", "Each claim's receipt is kept as proof of timely filing.", both),
            (c.REJECT_WORK, "Rejections", "A claim a payer will not take in is fixed and sent again.", both),
            (c.RISK_SCORE, "Denial risk", "Claims likely to be denied are looked at before they go.", full),
        )),
        ("Payments", (
            (c.POST_835, "Payment posting", "Every payment balanced and posted to the cent.", both),
            (c.POST_EXCEPTIONS, "Posting exceptions", "What does not match is worked by hand.", both),
            (c.POST_DEPOSITS, "Deposits", "Payments are matched to the bank.", both),
            (c.POST_PATIENT, "Patient payments", "Posted and allocated.", both),
            (c.POST_CREDITS, "Credits and refunds", "Overpayments are found and given back in time.", both),
        )),
        ("Follow-up", (
            (c.STATUS_ALARM, "No-response alarm", "A payer who is silent too long is asked.", both),
            (c.STATUS_INQUIRY, "Status inquiry", "One inquiry for a claim that is late.", both),
            (c.STATUS_SWEEP, "Scheduled status sweep", "Every open claim is asked about on a schedule.", full),
            (c.STATUS_SCORED, "Scored work lists", "The most valuable and most urgent work comes first.", full),
        )),
        ("Denials and underpayments", (
            (c.DENIAL_RECORD, "Denials recorded", "Every denial is kept with its cause.", both),
            (c.DENIAL_FIX, "Fix and resubmit", "Denials that a correction or a record heals.", both),
            (c.DENIAL_ROUTE, "Denials worked by cause", "Routed by payer and reason, with the fault's owner.", full),
            (c.DENIAL_APPEAL, "Appeals", "Written, filed in time and followed to the last level.", full),
            (c.UNDERPAYMENT_FLAG, "Underpayments flagged", "Paid below contract is marked.", both),
            (c.UNDERPAYMENT_RECOVER, "Underpayments recovered", "And claimed back.", full),
        )),
        ("Patients", (
            (c.PATIENT_STATEMENTS, "Statements", "What patients owe, sent and answered for.", both),
            (c.PATIENT_ESTIMATES, "Cost estimates", "What a visit will cost, before it.", full),
            (c.PATIENT_PLANS, "Payment plans and collections", "Plans agreed and kept an eye on.", full),
        )),
        ("Reports", (
            (c.REPORT_CLAIM_STATUS, "Claim status", "Where every claim stands.", both),
            (c.REPORT_AGING, "Aging", "What is owed, by whom and for how long.", both),
            (c.REPORT_DAILY_POSTINGS, "Daily postings", "What was posted each day.", both),
            (c.REPORT_FORECAST, "Revenue forecast", "What is likely to come in, and when.", full),
            (c.REPORT_PAYERS, "Payer performance", "How fast and how well each payer pays.", full),
            (c.REPORT_DENIAL_TREND, "Denial trends", "What is denied, why, and whether it gets better.", full),
            (c.REPORT_REIMBURSEMENT, "Reimbursement patterns", "What each service brings, by payer.", full),
            (c.REPORT_PRODUCTIVITY, "Productivity", "What was done for you, and how much.", full),
        )),
    )  # fmt: skip
    return tuple(Feature(name, step, label, about, held) for step, rows in table for name, label, about, held in rows)


FEATURES = _features()
