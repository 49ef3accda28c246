"""A charge keyed by hand: kept while it is written, held to the checks of every upload, saved as a claim in draft."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select, update

from bureau.models import ChargeDraft, Claim, ClaimLine, Encounter, Filing, Upload
from clients.models import SignIn
from clients.scope import Scope, ScopedSession
from config.identifiers import make_test_npi
from tests.portal.browser import sign_in, watch
from tests.portal.front.test_upload import words
from tests.portal.world import PASSWORD, email

VISIT = {
    "patient_id": "K100", "last_name": "Novak", "first_name": "Ines", "birth_date": "1971-05-06", "sex": "F",
    "coverage": "new", "payer_id": "PAY1", "member_id": "NV1", "service_date": "2026-03-02",
    "provider_npi": make_test_npi(11), "place_of_service": "11", "diagnoses": "J01.90, I10",
    "line-1-procedure": "g0463", "line-1-units": "2", "line-3-procedure": "G0008", "line-3-charge": "30.50",
    "line-3-pointers": "2",
}  # fmt: skip


def ask(book, statement):
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        return session.execute(statement).all()


def begin(visitor) -> str:
    """A new charge; returns its address."""
    answer = visitor.post("/front/charges")
    assert answer.status_code == 302
    return answer.location


def claim_of(book, number: str) -> tuple:
    wanted = select(Claim.id, Claim.charge_cents, Claim.diagnoses, Filing.state, Upload.profile)
    joined = wanted.join(Filing, Filing.claim_id == Claim.id).join(Encounter, Encounter.id == Claim.encounter_id)
    (found,) = ask(book, joined.join(Upload, Upload.id == Encounter.upload_id).where(Encounter.external_id == number))
    return found


def test_a_charge_becomes_a_claim_like_any_upload(enter, practice_book):
    owner = enter("owner")
    one = begin(owner)
    answer = owner.post(one, **VISIT, encounter_id="KEY-1")
    assert answer.status_code == 302
    assert answer.location != one  # the next one
    claim_id, cents, diagnoses, state, profile = claim_of(practice_book, "KEY-1")
    assert (cents, diagnoses, state, profile) == (230_50, "J0190 I10", "DRAFT", "keyed")
    lines = ask(practice_book, select(ClaimLine.code, ClaimLine.units, ClaimLine.charge_cents, ClaimLine.pointers)
                .where(ClaimLine.claim_id == claim_id).order_by(ClaimLine.line_no))  # fmt: skip
    assert [tuple(line) for line in lines] == [("G0463", 2, 200_00, "1"), ("G0008", 1, 30_50, "2")]
    page = owner.get(answer.location)
    assert "$230.50. Here is the next one." in words(page.text)
    assert 'value="2026-03-02"' in page.text  # the day is carried over
    assert "Novak" not in page.text
    assert words(owner.get("/front/charges").text).count("Novak, Ines") == 1
    assert "Keyed charge" not in owner.get("/front/upload").text
    assert owner.get(one).status_code == 302  # saved: it is no draft any more
    assert ask(practice_book, select(ChargeDraft.form).where(ChargeDraft.id == int(one.rpartition("/")[2]))) == [({},)]


def test_two_equal_lines_of_a_keyed_charge_are_both_meant(enter, practice_book):
    owner = enter("owner")
    twice = VISIT | {"line-3-procedure": "g0463", "line-3-units": "2", "line-3-charge": "", "line-3-pointers": ""}
    assert owner.post(begin(owner), **twice, encounter_id="KEY-2").status_code == 302
    assert claim_of(practice_book, "KEY-2")[1] == 400_00


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"diagnoses": ""}, "diagnoses", "Name one to 12 diagnoses"),
        ({"diagnoses": " ".join(["I10"] * 13)}, "diagnoses", "Name one to 12 diagnoses"),
        ({"line-3-units": "x"}, "line-2-units", "Expected a whole number"),
        ({"line-3-charge": "abc"}, "line-2-charge", ""),
        ({"line-3-procedure": "G0071", "line-3-charge": ""}, "line-2-charge", "No charge given"),
        ({"line-1-procedure": ""}, "line-1-procedure", "Give a procedure code"),
        ({"service_date": "2031-01-01"}, "service_date", "The date of service is in the future"),
        ({"provider_npi": ""}, "provider_npi", "Provider is empty"),
        ({"last_name": "", "patient_id": "K101"}, "last_name", "Last name is empty"),
        ({"payer_id": "NOPE"}, "payer_id", "No payer has that id"),
        ({"patient_id": "P1"}, "patient_id", "another patient has this number"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(enter, practice_book, changes, field, said):
    owner = enter("owner")
    before = ask(practice_book, select(func.count()).select_from(Upload))
    one = begin(owner)
    answer = owner.post(one, **VISIT | changes, encounter_id="KEY-9")
    assert answer.status_code == 422
    wrong = re.findall(r'name="([^"]+)" aria-invalid="true"', answer.text)
    assert field in wrong
    assert said in words(answer.text)
    assert ask(practice_book, select(func.count()).select_from(Upload)) == before
    assert "Novak" in owner.get(one).text or not changes.get("last_name", "x")  # what was keyed is still there


def test_a_visit_that_came_before_is_told_and_not_billed_twice(enter, practice_book):
    owner = enter("owner")
    one = begin(owner)
    assert owner.post(one, **VISIT, encounter_id="KEY-3").status_code == 302
    again = owner.post(begin(owner), **VISIT, encounter_id="KEY-3")
    assert again.status_code == 422
    assert "taken before" in words(again.text)
    changed = owner.post(begin(owner), **VISIT | {"line-1-units": "3"}, encounter_id="KEY-3")
    assert changed.status_code == 422
    assert "received before with other content" in words(changed.text)
    assert "is of the same patient, provider and day" in words(changed.text)
    assert owner.post(one, **VISIT, encounter_id="KEY-3").location.endswith("/charges")  # pressed twice


def test_a_patient_of_the_book_is_found_and_brings_the_insurer(enter, practice_book):
    owner = enter("owner")
    one = begin(owner)
    for asked in ("abb", "Abbott, Pat", "01/02/1980 abb", "1980-01-02 Pat0", "p0"):
        found = owner.client.post(
            f"{one}/patients", data={"q": asked, "csrf_token": owner.token}, headers={"HX-Request": "true"}
        )
        assert "Abbott" in found.text, asked
    assert "Nobody is called so" in owner.post(f"{one}/patients", q="zzz", diagnoses="I10").text
    assert owner.post(f"{one}/keep", act="pick:P0", service_date="2026-03-02", diagnoses="I10").status_code == 302
    page = owner.get(one)
    assert "Abbott, Pat0" in words(page.text)
    assert re.search(r'<option value="\d+" selected>Stonebridge Mutual M0000001', page.text)
    sent = {name: text for name, text in VISIT.items() if name.startswith(("line", "service", "provider", "place"))}
    coverage = re.search(r'<option value="(\d+)" selected>Stonebridge', page.text)[1]
    form = {"patient_id": "P0", "last_name": "Abbott", "coverage": coverage, "diagnoses": "I10", **sent}
    form |= {"line-3-pointers": "1", "encounter_id": "KEY-4"}
    assert owner.post(one, **form).status_code == 302
    claim_of(practice_book, "KEY-4")
    assert owner.post(f"{begin(owner)}/keep", act="pick:", patient_id="P0", last_name="Abbott").status_code == 302


def test_the_patient_pays_where_there_is_no_insurer(enter, practice_book):
    owner = enter("owner")
    form = VISIT | {"coverage": "SELF", "encounter_id": "KEY-5"}
    assert owner.post(begin(owner), **form).status_code == 302
    assert claim_of(practice_book, "KEY-5")[3] == "PATIENT_DUE"


def test_a_note_without_a_code_goes_to_the_coder(enter, practice_book):
    owner = enter("owner")
    form = VISIT | {"line-1-procedure": "", "line-1-note": "flu shot", "encounter_id": "KEY-6"}
    assert owner.post(begin(owner), **form).status_code == 302
    wanted = ask(
        practice_book, select(ClaimLine.wanted).where(ClaimLine.claim_id == claim_of(practice_book, "KEY-6")[0])
    )
    assert wanted[0] == ("flu shot",)


def test_a_half_written_charge_waits_for_whoever_goes_on_with_it(enter):
    owner = enter("owner")
    one = begin(owner)
    assert owner.post(f"{one}/keep", **{**VISIT, "last_name": "Halfway"}).status_code == 302
    colleague = enter("colleague")
    assert "Halfway, Ines" in words(colleague.get("/front/charges").text)
    assert 'value="Halfway"' in colleague.get(one).text
    assert colleague.post(f"{one}/drop").status_code == 302
    assert colleague.get(one).status_code == 404
    assert enter("viewer").get("/front/charges").status_code == 200
    assert enter("viewer").post("/front/charges").status_code == 403
    foreign = enter("ridge")
    assert foreign.get(begin(owner)).status_code == 404


def test_what_was_kept_is_bounded_and_only_what_the_form_has(enter, practice_book):
    owner = enter("owner")
    one = begin(owner)
    odd = {"line-1-procedure": "x" * 900, "line-77-note": "n", "line-a-note": "n", "evil": "1", "line-1-evil": "1"}
    assert owner.post(f"{one}/keep", **odd).status_code == 302
    ((form,),) = ask(practice_book, select(ChargeDraft.form).where(ChargeDraft.id == int(one.rpartition("/")[2])))
    assert form == {"line-1-procedure": "x" * 200, "line-2-note": "n"}
    more = owner.post(f"{one}/keep", act="lines", **odd)
    assert owner.get(more.location).text.count('class="charge-line"') == 8


# ---- by keyboard ----
KEYS_FOR_SIX_LINES = 47  # the codes themselves are 35 of them


@pytest.mark.browser
def test_six_lines_are_keyed_without_a_mouse(page, front_address, practice_book):
    said = watch(page.context)
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}/front/charges")
    page.keyboard.press("a")
    page.wait_for_selector("#charge-q:focus")
    pressed = 0

    def key(*keys: str) -> None:
        nonlocal pressed
        for each in keys:
            page.keyboard.press(each)
            pressed += 1

    key(*"cast")
    page.wait_for_selector("#patients [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    key("Enter")
    page.wait_for_selector("input[name=diagnoses]:focus")
    key(*"J0190")
    key("Enter")
    page.wait_for_selector("input[name=line-1-procedure]:focus")
    for _ in range(5):
        key(*"G0008", "Enter")
    key(*"G0463")
    page.keyboard.press("Tab")  # only so that the sum is asked for before it is looked at
    page.wait_for_selector(".charge-total:has-text('$225.00')")
    assert page.inner_text("#price-6") == "100.00"
    key("Control+Enter")
    page.wait_for_selector("text=over $225.00. Here is the next one.")
    assert pressed <= KEYS_FOR_SIX_LINES
    assert said == []


@pytest.mark.browser
def test_a_half_filled_form_survives_the_time_out(page, front_address, practice_book):
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}/front/charges")
    page.keyboard.press("a")
    page.wait_for_selector("#charge-q:focus")
    where = page.url
    page.fill("input[name=diagnoses]", "J0190")
    page.keyboard.press("Enter")
    page.wait_for_selector("#charge-diagnoses >> text=inusitis")
    with ScopedSession(practice_book.engine, scope=Scope.of()) as session, session.begin():
        session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=practice_book.clock.now()))
    page.fill("input[name=line-1-procedure]", "G0008")
    page.keyboard.press("Tab")
    page.wait_for_selector("input[name=password]")
    page.fill("input[name=email]", email("owner"))
    page.fill("input[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(where)
    assert page.input_value("input[name=diagnoses]") == "J0190"
