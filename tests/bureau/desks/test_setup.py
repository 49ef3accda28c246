"""Set-up, enrolments and stages at the desk: what is refused writes nothing, what is done is in the journal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bureau.desks import enrolments, setup, stages
from bureau.models import Journal, Mail, ScrubHit
from bureau.rules.lifecycle import State
from clients.enrolments import PRACTICE
from clients.models import Client, ClientState, Enrollment, EnrollmentState, Provider
from clients.registry import PracticeIdentity, ProviderDetails
from config.identifiers import make_test_npi
from tests.support.houses import NPI, House, payer_ids, visit

S = EnrollmentState


def acts(house: House) -> list[str]:
    return [row[0] for row in house.rows(select(Journal.act).order_by(Journal.id))]


def change(house: House, state: EnrollmentState, *kinds: str, **more):
    wanted = enrolments.Change(payer_ids(house)["SIM10"], more.pop("provider_id", PRACTICE), kinds, state, **more)
    with house.office() as office:
        return enrolments.change_enrolments(office, house.client.id, wanted)


def clinician(house: House) -> int:
    return house.rows(select(Provider.id).where(Provider.client_id == house.client.id))[0][0]


def test_a_move_the_table_does_not_know_changes_none_of_them(house: House):
    assert change(house, S.DRAFT, "837P", "270")  # 837P is live
    assert house.count(Enrollment, Enrollment.transaction == "270") == 0
    assert not change(house, S.DRAFT, "270", "276")
    assert house.count(Enrollment, Enrollment.transaction.in_(("270", "276"))) == 2
    assert acts(house).count(enrolments.ACT) == 1


def test_claims_of_a_clinician_who_is_not_enrolled_wait_with_the_reason(house: House):
    assert not change(house, S.SUBMITTED, "837P", provider_id=clinician(house))
    house.upload(visit(1), visit(2, payer_id="SIM50"))
    house.day()
    assert house.state("E1") is State.SCRUB_FAILED
    assert [row[0] for row in house.rows(select(ScrubHit.edit))] == ["enrollment"]
    assert house.state("E2") is not State.SCRUB_FAILED


def test_an_enrolment_that_ended_holds_what_was_ready(house: House):
    house.upload(visit(1))
    house.run("scrub")
    assert house.state() is State.READY
    assert not change(house, S.CANCELED, "837P", ends_on=date(2026, 3, 18))
    house.run("submit")
    assert house.state() is State.DRAFT
    assert house.count(Mail, Mail.outgoing) == 0


@pytest.mark.parametrize(("span", "is_stopped"), [
    ({"ends_on": date(2026, 3, 2)}, True), ({"ends_on": date(2026, 3, 3)}, False),
    ({"starts_on": date(2026, 3, 3)}, True), ({"starts_on": date(2026, 3, 2)}, False),
])  # fmt: skip
def test_a_service_outside_the_clinicians_dates_is_stopped(house: House, span, is_stopped):
    details = ProviderDetails(NPI, "Reed", "Alex", "207Q00000X", **span)
    with house.office() as office:
        assert not setup.save_details(office, house.client.id, clinician(house), details)
    house.upload(visit(1, service_date="2026-03-02"))
    house.run("scrub")
    assert (house.state() is State.SCRUB_FAILED) is is_stopped
    assert house.count(ScrubHit, ScrubHit.edit == "rendering.dates") == is_stopped


def test_the_first_remittance_makes_its_enrolment_live(house: House):
    with house.office() as office:
        for row in office.session.scalars(select(Enrollment).where(Enrollment.transaction == "835")):
            row.state = S.PENDING_FIRST_ERA
    house.upload(visit(1))
    house.day()
    states = dict(
        house.rows(
            select(Enrollment.payer_id, Enrollment.state).where(
                Enrollment.transaction == "835", Enrollment.client_id == house.client.id
            )
        )
    )
    assert states[payer_ids(house)["SIM10"]] == S.LIVE
    assert states[payer_ids(house)["SIM50"]] == S.PENDING_FIRST_ERA


def test_a_second_clinician_with_the_same_npi_is_refused(house: House):
    with house.office() as office:
        twice = ProviderDetails(NPI, "Roe", "Sam", "207Q00000X")
        assert [one.code for one in setup.save_details(office, house.client.id, None, twice)] == ["registry.npi_twice"]


def test_a_live_practice_may_not_become_one_that_cannot_bill(house: House):
    client = house.client
    bare = PracticeIdentity(
        client.name, "", client.tax_id, client.taxonomy, client.street, client.city, "MA", client.zip
    )
    with house.office() as office:
        assert [one.where for one in setup.change_practice(office, client.id, bare, {})] == ["npi"]


def test_only_those_who_serve_all_clients_open_one(house: House):
    new = PracticeIdentity("Cedar", make_test_npi(90), "", "", "", "", "", "")
    with house.office() as office:
        assert setup.open_lead(office, "CEDAR", new, {})[0].code == "client.reach"
    about = {"specialty": "", "phone": "", "time_zone": "America/New_York"}
    with house.office(everywhere=True) as office:
        assert not setup.open_lead(office, "CEDAR", new, about)
        assert setup.open_lead(office, "CEDAR", new, about)[0].code == "client.code"
    assert house.rows(select(Client.state).where(Client.code == "CEDAR"))[0][0] == ClientState.LEAD


def test_closing_hands_back_what_is_open_and_leaves_no_queue(house: House):
    house.upload(visit(1), visit(2, member_id=""))
    house.run("scrub", "submit")
    today = date(2026, 3, 18)
    with house.office() as office:
        leaving = stages.Wish(ClientState.OFFBOARDING, "moving on", today, today + timedelta(days=1))
        assert not stages.move_stage(office, house.client.id, leaving)
        closing = stages.Wish(ClientState.CLOSED, "the end")
        assert [one.code for one in stages.move_stage(office, house.client.id, closing)] == ["stage.run_out"]
    house.tick(days=2)
    with house.office() as office:
        assert not stages.move_stage(office, house.client.id, closing)
    assert {house.state(name) for name in ("E1", "E2")} == {State.CLOSED_TRANSFERRED}
    assert house.broken_laws() == []
    assert acts(house).count(stages.ACT) == 2


def test_a_stage_that_cannot_be_reached_changes_nothing(house: House):
    with house.office() as office:
        assert stages.move_stage(office, house.client.id, stages.Wish(ClientState.LEAD))[0].code == "stage.path"
        assert stages.move_stage(office, house.client.id, stages.Wish(ClientState.PAUSED))[0].code == "stage.why"
    assert house.rows(select(Client.state).where(Client.id == house.client.id))[0][0] == ClientState.LIVE
