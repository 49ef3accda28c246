"""Home, questions, claims and reports as a practice sees them, and nothing of any other practice."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bureau.models import Claim, Filing, Patient, Question, Transfer
from bureau.queries import practice
from bureau.queries.practice import ClaimFilter
from bureau.rules.lifecycle import Event, State
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.money import format_cents
from portal.fields import FIELDS, GROUPS, column_of, place_of
from portal.views.front.claims import STAGES
from portal.views.front.words import EVENTS
from reports.catalog import default_period
from tests.portal.back.book import HARBOR, RIDGE


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])))


def ask(book, wanted, scope=None):
    with ScopedSession(book.engine, scope=scope or Scope.of(HARBOR), read_only=True) as session:
        return session.execute(wanted).all()


def office_of(book, client_id: int = HARBOR):
    return book.open_office(Actor(ActorKind.PERSON, "test"), Scope.of(client_id), read_only=True)


# ---- home ----
def test_home_figures_are_those_of_the_ledger_and_open_what_is_behind_them(enter, practice_book):
    owner = enter("owner")
    page = owner.get("/front/")
    ((cents,),) = ask(
        practice_book,
        select(func.sum(Transfer.cents)).where(Transfer.debit == "cash", Transfer.client_id == HARBOR),
    )
    assert f"${format_cents(cents)}" in page.text
    links = set(re.findall(r'href="(/front/[^"#]*)"', page.text))
    assert {"/front/questions", "/front/upload", "/front/claims"} <= links
    for link in links:
        assert owner.get(html.unescape(link), follow_redirects=True).status_code == 200, link


def test_stages_on_the_first_page_count_what_their_lists_hold(enter, practice_book):
    page = enter("owner").get("/front/").text
    shown = dict(re.findall(r'href="/front/claims\?stage=(\d)">.*?data-label="Claims">([\d,]+)<', page, re.DOTALL))
    with office_of(practice_book) as office:
        for key, (_name, states) in STAGES.items():
            assert len(practice.find_claims(office, HARBOR, ClaimFilter(states), limit=1_000)) == int(shown[key])


def test_promises_are_measured_when_asked_for(enter):
    page = enter("owner").get("/front/promises", headers={"HX-Request": "true"})
    assert "<html" not in page.text
    assert "Your visits sent to the insurer" in page.text
    assert "Kept" in page.text


def test_a_new_practice_is_told_why_everything_is_empty(enter):
    quiet = enter("quiet")
    for path, why in (
        ("/front/", "Nothing waits for you."),
        ("/front/upload", "Nothing was uploaded yet."),
        ("/front/questions", "Nothing to answer."),
        ("/front/questions?show=answered", "Nothing was answered yet."),
        ("/front/claims", "No claims yet."),
        ("/front/claims?stage=1", "No claim fits these filters."),
        ("/front/reports/aging", "There is nothing to report for this period."),
    ):
        assert why in quiet.get(path).text, path


# ---- questions ----
def test_a_wrong_answer_is_told_at_its_field_and_a_right_one_moves_the_claim(enter, practice_book):
    owner = enter("owner")
    ((number, filing_id),) = ask(practice_book, select(Question.id, Question.filing_id).where(Question.state == "SENT"))
    refused = owner.post(f"/front/questions/{number}", answer="  ")
    assert refused.status_code == 400
    assert f'id="answer-{number}"' in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert owner.post(f"/front/questions/{number}", answer="m7654321").location == "/front/questions?next=1"
    assert ask(practice_book, select(Filing.state).where(Filing.id == filing_id)) == [(State.DRAFT,)]
    assert "M7654321" in owner.get("/front/questions?show=answered").text
    owner.post(f"/front/questions/{number}", answer="another")
    assert "answered already" in owner.get("/front/questions").text
    story = owner.get(f"/front/claims/{claim_of(practice_book, filing_id)}").text
    assert "Owner answered: M7654321" in story


def claim_of(book, filing_id: int) -> int:
    return ask(book, select(Filing.claim_id).where(Filing.id == filing_id))[0][0]


@pytest.mark.parametrize(
    ("field", "sent", "told"),
    [
        ("birth_date", {"answer": "1980-02-30"}, "YYYY-MM-DD"),
        ("sex", {"answer": "X"}, "F, M or U"),
        ("address", {"street": "1 Elm; rear", "city": "Boston", "region": "Mass", "zip": "02110"}, "two-letter state"),
    ],
)
def test_each_kind_of_question_has_its_own_field(enter, practice_book, field, sent, told):
    ((filing_id, claim_id),) = ask(practice_book, select(Filing.id, Filing.claim_id).limit(1))
    with practice_book.open_office(Actor(ActorKind.JOB, "test"), Scope.of(HARBOR)) as office:
        (number,) = office.insert(Question, [_question(filing_id, field, office.now)])
    owner = enter("owner")
    page = owner.get("/front/questions").text
    names = set(re.findall(r'name="(\w+)"', page[page.index(f'/questions/{number}"') :].split("</form>")[0]))
    assert names == {"csrf_token", *sent}
    refused = owner.post(f"/front/questions/{number}", **sent)
    assert told in refused.text
    with practice_book.open_office(Actor(ActorKind.JOB, "test"), Scope.of(HARBOR)) as office:
        office.get(Question, HARBOR, number).state = "WITHDRAWN"
    assert claim_id


def _question(filing_id: int, field: str, now) -> dict:
    return {
        "client_id": HARBOR, "filing_id": filing_id, "category": "patient", "field": field, "text": f"About {field}?",
        "state": "SENT", "asked_at": now, "due_on": now.date(), "answer": "", "answered_at": None, "answered_by": "",
    }  # fmt: skip


@pytest.mark.parametrize("who", ["viewer", "uploader"])
def test_who_may_not_answer_is_offered_no_field(enter, practice_book, who):
    person = enter(who)
    assert 'name="answer"' not in person.get("/front/questions").text
    assert person.post("/front/questions/1", answer="M1").status_code == 403


# ---- claims ----
def test_the_money_of_every_claim_adds_up(practice_book):
    with office_of(practice_book) as office:
        rows = practice.find_claims(office, HARBOR, ClaimFilter(), limit=1_000)
        for row in rows:
            page = practice.get_claim(office, HARBOR, row.claim_id)
            for money in (row.money, page.money, *(line.money for line in page.lines)):
                parts = (money.paid, money.contractual, money.written_off, money.patient, money.insurance, money.other)
                assert money.charged == sum(parts)
            assert sum(line.money.charged for line in page.lines) == page.money.charged
            assert sum(each.cents for each in practice.find_payments(office, HARBOR, row.claim_id)) == page.money.paid
    charged = ask(practice_book, select(func.sum(Claim.charge_cents)).where(Claim.client_id == HARBOR))[0][0]
    assert sum(row.money.charged for row in rows) == charged


def test_a_page_of_claims_begins_where_the_last_one_ended(enter, practice_book, monkeypatch):
    monkeypatch.setattr("portal.views.front.claims.PAGE", 7)
    owner, seen, path = enter("owner"), [], "/front/claims"
    while path:
        page = html.unescape(owner.get(path).text)
        seen += re.findall(r'<th scope="row"><a href="/front/claims/(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1] if following else ""
    known = ask(practice_book, select(Claim.id).where(Claim.client_id == HARBOR).order_by(Claim.id.desc()))
    assert seen == [str(row.id) for row in known]


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("q=dawson", lambda row: row.last == "Dawson"),
        ("q=Pat2+Barnes", lambda row: row.last == "Barnes" and row.first.startswith("Pat2")),
        ("q=%25", lambda row: False),
        ("payer=2", lambda row: row.payer_id == 2),
        ("from=2026-02-10&to=2026-02-12", lambda row: "2026-02-10" <= str(row.served_on) <= "2026-02-12"),
        ("stage=99&payer=x&from=soon", lambda row: True),
    ],
)
def test_filters_narrow_the_list(enter, practice_book, monkeypatch, query, holds):
    monkeypatch.setattr("portal.views.front.claims.PAGE", 1_000)
    page = enter("owner").get(f"/front/claims?{query}", headers={"HX-Request": "true"}).text
    found = {int(each) for each in re.findall(r'<th scope="row"><a href="/front/claims/(\d+)"', page)}
    rows = ask(
        practice_book,
        select(Claim.id, Claim.served_on, Patient.last, Patient.first, Filing.payer_id)
        .join(Patient, Patient.id == Claim.patient_id)
        .join(Filing, Filing.claim_id == Claim.id)
        .where(Claim.client_id == HARBOR),
    )
    assert found == {row.id for row in rows if holds(row)}


@pytest.mark.parametrize("state", [State.PART_DENIED, State.DENIED, State.PATIENT_DUE, State.CODING, State.REJECTED])
def test_a_claim_tells_its_story_in_plain_words(enter, practice_book, state):
    found = ask(practice_book, select(Filing.claim_id).where(Filing.state == state, Filing.client_id == HARBOR))
    said = words(enter("owner").get(f"/front/claims/{found[0][0]}").text)
    assert re.search(r"Of \$[\d,.]+ charged, ", said)
    assert "The visit came in and became a claim" in said
    assert ("What was refused, and why" in said) == (state in (State.DENIED, State.PART_DENIED))
    for jargon in ("277CA", "999", "CLP", "ERA", "835"):
        assert jargon not in said


def test_every_event_and_column_has_plain_words():
    assert set(EVENTS) == set(Event)
    assert sorted(name for _, names in GROUPS for name in names) == sorted(FIELDS)
    assert place_of("visits.csv row 42 column service_date") == "Row 42, Date of service"
    assert place_of("a row of mine.csv row 7") == "Row 7"
    assert place_of("scan.pdf") == "scan.pdf"
    assert column_of("visits.csv row 42") == ""


# ---- reports ----
@pytest.mark.parametrize("report", ["claim_status", "aging", "daily_postings", "sla"])
def test_a_report_says_its_sentence_and_its_sum_is_that_of_its_csv(enter, practice_book, report):
    owner = enter("owner")
    page = owner.get(f"/front/reports/{report}")
    link = html.unescape(re.search(r'href="([^"]+\.csv[^"]*)"', page.text)[1])
    sent = owner.get(link)
    rows = list(csv.DictReader(io.StringIO(sent.text)))
    assert rows
    assert re.fullmatch(rf'attachment; filename="HARBOR-{report}-[\d-]+\.csv"', sent.headers["Content-Disposition"])
    from reports.catalog import REPORTS

    with office_of(practice_book) as office:
        table = REPORTS[report].load(office, HARBOR, default_period(office.today(HARBOR)))
    assert html.escape(table.takeaway) in page.text
    for name, total in table.total.items():
        column = [row[name].replace(".", "") for row in rows]
        assert sum(map(int, column)) == total


def test_a_period_is_read_from_the_address_and_nonsense_is_told(enter, practice_book):
    owner = enter("owner")
    today = practice_book.clock.now().date()
    assert "9 Mar 2026 to 9 Mar 2026" in owner.get("/front/reports/daily_postings?from=2026-03-09&to=2026-03-09").text
    usual = f"to {today.day} Mar 2026"
    for query, told in (
        ("from=2026-03-09&to=2026-03-01", "The last day lies before the first."),
        ("from=2001-01-01&to=2026-03-01", "three years at most"),
        ("from=soon", "YYYY-MM-DD"),
    ):
        page = owner.get(f"/front/reports/aging?{query}").text
        assert told in page
        assert usual in page
    one_sided = owner.get(f"/front/reports/aging?to={today - timedelta(days=1)}").text
    assert f"to {today.day - 1} Mar 2026" in one_sided


@pytest.mark.parametrize("report", ["adjustments", "nothing", "aging.xlsx", "../aging"])
def test_only_what_is_offered_is_a_report(enter, report):
    assert enter("owner").get(f"/front/reports/{report}").status_code == 404


# ---- other practices ----
def test_nothing_of_another_practice_is_found_anywhere(enter, practice_book):
    ridge = enter("ridge")
    theirs = ask(practice_book, select(Claim.id).where(Claim.client_id == HARBOR).limit(3))
    for row in theirs:
        assert ridge.get(f"/front/claims/{row.id}").status_code == 404
    questions = ask(practice_book, select(Question.id).where(Question.client_id == HARBOR))
    for row in questions:
        assert ridge.post(f"/front/questions/{row.id}", answer="M1").status_code == 404
    for path in ("/front/c/HARBOR/claims", "/front/c/HARBOR/reports/aging.csv", "/front/c/HARBOR/upload"):
        assert ridge.get(path).status_code == 404
    with office_of(practice_book, RIDGE) as office:
        own = {f"/front/claims/{row.claim_id}" for row in practice.find_claims(office, RIDGE, ClaimFilter(), limit=999)}
    assert set(re.findall(r'href="(/front/claims/\d+)"', ridge.get("/front/claims").text)) == own


@pytest.fixture
def sentinel(practice_book):
    """The name of one patient of Harbor for the length of a test."""
    with practice_book.open_office(Actor(ActorKind.JOB, "test"), Scope.of(HARBOR)) as office:
        patient = office.session.scalars(select(Patient).where(Patient.client_id == HARBOR).limit(1)).one()
        name, patient.last = patient.last, "Sentinelworth"
    yield
    with practice_book.open_office(Actor(ActorKind.JOB, "test"), Scope.of(HARBOR)) as office:
        office.session.scalars(select(Patient).where(Patient.last == "Sentinelworth")).one().last = name


@pytest.mark.usefixtures("sentinel")
def test_what_is_planted_in_one_practice_shows_in_no_page_of_another(enter):
    owner, ridge = enter("owner"), enter("ridge")
    assert "Sentinelworth" in owner.get("/front/claims?q=sentinel").text
    seen, todo = set(), ["/front/", "/front/claims?q=Sentinelworth", "/front/search?q=sentinel"]
    while todo:
        path = todo.pop()
        if path in seen or len(seen) > 150:
            continue
        seen.add(path)
        text = ridge.get(path, follow_redirects=True).text
        assert "Sentinelworth" not in text.replace('value="Sentinelworth"', "").replace("q=Sentinelworth", ""), path
        todo += [html.unescape(link) for link in re.findall(r'href="(/front/[^"#]*)"', text)]
    assert len(seen) > 30
