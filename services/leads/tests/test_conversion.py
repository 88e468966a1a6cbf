"""A lead on its way to become a customer, and back on the same day (rules 14)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis import calendar, db
from leads import usecases
from leads.models import Conversion

HERE = "/api/v1/leads"
SALES = {
    "lead.view": "own",
    "lead.create": "own",
    "lead.edit": "own",
    "lead.convert": "own",
    "lead.archive": "own",
}
CREATED, REFUSED = "customer.created.v1", "customer.refused.v1"
WITHDRAWN, KEPT = "customer.withdrawn.v1", "customer.kept.v1"
COMPANY = "晨曦精密机械有限公司"


@pytest.fixture
def ada(crew):
    return crew.person("陈静", grants=SALES)


@pytest.fixture
def converting(client_of, ada, a_lead):
    """A lead that has just set out: its path, and how it was answered."""
    path = f"{HERE}/{a_lead(by=ada, company_name=COMPANY, title='采购经理')['id']}"
    answer = client_of(ada).post(f"{path}/convert", json={})
    assert answer.status_code == 202, answer.json
    return path, answer.json


@pytest.fixture
def answer(deliver):
    """Lets customers answer a conversion."""

    def make(topic, lead, customer_id=None, **said):
        subject = customer_id or lead["customer_id"]
        return deliver(topic, {"lead_id": lead["id"], **said}, times=2, subject=subject)

    return make


@pytest.fixture
def converted(converting, answer, client_of, ada):
    """A lead that has become a customer."""
    path, lead = converting
    answer(CREATED, lead, contact_id=None)
    return path, client_of(ada).get(path).json


@pytest.fixture
def clock(monkeypatch):
    """Moves the present moment."""

    def move(moment):
        monkeypatch.setattr(calendar, "now", lambda: moment)

    return move


def test_what_the_form_leaves_open_comes_from_the_lead(client_of, ada, a_lead, recorded):
    lead = a_lead(by=ada, company_name=COMPANY, address="上海", title="经理", remark="展会")
    form = {"customer": {"uscc": "91440300708461136T"}, "contact": {"name": "赵敏敏"}}

    answer = client_of(ada).post(f"{HERE}/{lead['id']}/convert", json=form)

    assert (answer.status_code, answer.json["state"]) == (202, "converting")
    [asked] = recorded("lead.converted.v1")
    assert asked["customer_id"] == answer.json["customer_id"]
    assert asked["owner_id"] == str(ada.person_id)
    assert asked["customer"] == {
        "name": COMPANY,
        "uscc": "91440300708461136T",
        "phone": None,
        "address": "上海",
        "postcode": None,
        "remark": "展会",
    }
    assert (asked["contact"]["name"], asked["contact"]["title"]) == ("赵敏敏", "经理")
    assert asked["contact"]["mobile"] == "13800006666"
    assert (asked["confirmed_similar"], asked["confirmed_because"]) == ([], None)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"name": "赵敏", "company_name": None}, "customer.name"),
        ({"name": None, "company_name": COMPANY}, "contact.name"),
    ],
)
def test_a_customer_needs_a_company_and_somebody_there(client_of, ada, a_lead, written, field):
    lead = a_lead(by=ada, **written)

    answer = client_of(ada).post(f"{HERE}/{lead['id']}/convert", json={})

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert client_of(ada).get(f"{HERE}/{lead['id']}").json == lead


@pytest.mark.parametrize("act", ["edit", "archive", "convert", "undo-conversion"])
def test_on_its_way_nothing_else_happens_to_a_lead(client_of, ada, converting, act):
    path, _ = converting
    client = client_of(ada)

    if act == "edit":
        answer = client.patch(path, json={"title": "总监"}, headers={"If-Match": '"2"'})
    else:
        answer = client.post(f"{path}/{act}", json={} if act == "convert" else None)

    assert (answer.status_code, answer.json["code"]) == (409, "lead-converting")
    assert client.get(path).json["allowed_actions"] == []


def test_pressing_twice_asks_once(client_of, ada, a_lead, recorded):
    path = f"{HERE}/{a_lead(by=ada, company_name=COMPANY)['id']}/convert"
    key = {"Idempotency-Key": "press-1"}

    first = client_of(ada).post(path, json={}, headers=key)
    again = client_of(ada).post(path, json={}, headers=key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert len(recorded("lead.converted.v1")) == 1


def test_of_eight_presses_at_once_one_sets_out(client_of, ada, a_lead, recorded):
    path = f"{HERE}/{a_lead(by=ada, company_name=COMPANY)['id']}/convert"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client_of(ada).post(path, json={}), range(8)))

    assert sorted(a.status_code for a in answers) == [202] + [409] * 7
    assert len(recorded("lead.converted.v1")) == 1


def test_who_may_not_convert_it_cannot(client_of, crew, ada, a_lead):
    path = f"{HERE}/{a_lead(by=ada, company_name=COMPANY)['id']}/convert"
    colleague = crew.person(grants=SALES)
    reader = crew.person(grants={"lead.view": "all", "lead.convert": "own"})
    viewer = crew.person(grants={"lead.view": "all"})

    answers = [client_of(who).post(path, json={}) for who in (colleague, reader, viewer)]

    assert [(a.status_code, a.json["code"]) for a in answers] == [
        (404, "not-found"),
        (403, "not-yours"),
        (403, "permission-missing"),
    ]


def test_a_leader_converts_what_stays_with_its_owner(client_of, crew, recorded, a_lead):
    leader = crew.person(grants=dict.fromkeys(SALES, "team"))
    seller = crew.person(grants=SALES, reports_to=leader)
    lead = a_lead(by=seller, company_name=COMPANY)

    client_of(leader).post(f"{HERE}/{lead['id']}/convert", json={})

    assert recorded("lead.converted.v1")[0]["owner_id"] == str(seller.person_id)


def test_once_customers_have_said_yes_the_lead_shows_where_it_went(converted, converting):
    _, lead = converted

    assert (lead["state"], lead["customer_id"]) == ("converted", converting[1]["customer_id"])
    assert lead["converted_at"]
    assert lead["allowed_actions"] == ["undo_conversion"]


def test_once_customers_have_said_no_the_lead_is_back_with_the_reason(
    converting, answer, client_of, ada
):
    path, lead = converting
    matches = [{"customer_id": str(uuid4()), "key": "name"}]

    answer(REFUSED, lead, code="customer-exists", matches=matches)

    back = client_of(ada).get(path).json
    assert (back["state"], back["customer_id"]) == ("open", None)
    assert (back["refused_reason"], back["refused_matches"]) == ("customer-exists", matches)
    assert client_of(ada).get(HERE).json["items"] == [back]
    assert client_of(ada).get(f"{HERE}?state=open").json["total"] == 1


def test_the_next_attempt_forgets_the_last_refusal_and_has_an_id_of_its_own(
    converting, answer, client_of, ada
):
    path, lead = converting
    answer(REFUSED, lead, code="similar-customers", matches=[])

    again = client_of(ada).post(f"{path}/convert", json={}).json

    assert (again["state"], again["refused_reason"]) == ("converting", None)
    assert again["customer_id"] != lead["customer_id"]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        (CREATED, {"contact_id": None}),
        (REFUSED, {"code": "customer-exists", "matches": []}),
        (WITHDRAWN, {"undo": str(uuid4())}),
        (KEPT, {"undo": str(uuid4()), "code": "has-contacts"}),
    ],
)
def test_an_answer_to_another_question_changes_nothing(
    converting, answer, client_of, ada, topic, said
):
    path, lead = converting

    done = answer(topic, lead, customer_id=uuid4(), **said)

    assert done.state == "done"
    assert client_of(ada).get(path).json == {**lead, "allowed_actions": []}


def test_an_answer_that_comes_late_changes_nothing(converted, answer, client_of, ada):
    path, lead = converted

    answer(REFUSED, lead, code="customer-exists", matches=[])

    assert client_of(ada).get(path).json == lead


def test_a_customer_that_was_no_lead_concerns_nobody(deliver, example):
    assert deliver(CREATED, example(CREATED, 1), times=2).state == "done"


@pytest.mark.parametrize("topic", [CREATED, REFUSED])
def test_an_answer_for_a_lead_that_is_not_here_waits(deliver, topic):
    done = deliver(topic, times=2)

    assert (done.state, done.attempts) == ("pending", 1)


def test_what_was_told_of_a_person_is_not_kept_once_it_is_answered(converted, database, crew):
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        kept = tx.session.scalars(select(Conversion)).one()
    db.database.reset(token)

    assert (kept.customer, kept.contact, kept.question) == (None, None, None)


def test_the_name_of_the_customer_is_the_one_of_today(converted, deliver, example, client_of, ada):
    path, lead = converted
    state, subject = "customer.state.v1", lead["customer_id"]

    deliver(state, example(state, name="新名"), times=2, subject=subject, version=2)
    deliver(state, example(state, name="旧名"), subject=subject, version=1)

    shown = client_of(ada).get(path).json
    assert shown["customer_name"] == "新名"
    assert client_of(ada).get(HERE).json["items"] == [shown]


def test_an_undone_lead_is_one_again(converted, answer, client_of, ada, recorded):
    path, lead = converted

    asked = client_of(ada).post(f"{path}/undo-conversion")
    [told] = recorded("lead.reverted.v1")
    answer(WITHDRAWN, lead, undo=told["undo"])

    assert (asked.status_code, asked.json["state"]) == (202, "undoing")
    assert told["customer_id"] == lead["customer_id"]
    back = client_of(ada).get(path).json
    assert (back["state"], back["customer_id"], back["converted_at"]) == ("open", None, None)
    assert back["allowed_actions"] == ["edit", "convert", "archive"]


def test_a_kept_customer_stays_with_the_reason_and_can_be_asked_for_again(
    converted, answer, client_of, ada, recorded
):
    path, lead = converted
    client_of(ada).post(f"{path}/undo-conversion")
    answer(KEPT, lead, undo=recorded("lead.reverted.v1")[0]["undo"], code="has-contacts")

    kept = client_of(ada).get(path).json
    again = client_of(ada).post(f"{path}/undo-conversion")
    first, second = recorded("lead.reverted.v1")
    # The answer to the first request is no answer to the second.
    answer(WITHDRAWN, lead, undo=first["undo"])

    assert (kept["state"], kept["refused_reason"]) == ("converted", "has-contacts")
    assert again.status_code == 202
    assert first["undo"] != second["undo"]
    assert client_of(ada).get(path).json["state"] == "undoing"


def test_only_the_day_of_the_conversion_is_early_enough(client_of, ada, a_lead, answer, clock):
    late = datetime(2026, 3, 9, 15, 59, 0, tzinfo=UTC)
    clock(late)
    paths = []
    for number in range(2):
        path = f"{HERE}/{a_lead(by=ada, company_name=f'{COMPANY}{number}')['id']}"
        answer(CREATED, client_of(ada).post(f"{path}/convert", json={}).json, contact_id=None)
        paths.append(path)

    clock(late + timedelta(seconds=59))
    same_day = client_of(ada).post(f"{paths[0]}/undo-conversion")
    clock(late + timedelta(seconds=60))
    next_day = client_of(ada).post(f"{paths[1]}/undo-conversion")

    assert same_day.status_code == 202
    assert (next_day.status_code, next_day.json["code"]) == (409, "undo-too-late")


def test_a_lead_that_is_none_of_it_cannot_be_undone(client_of, ada, a_lead):
    path = f"{HERE}/{a_lead(by=ada)['id']}/undo-conversion"

    answer = client_of(ada).post(path)

    assert (answer.status_code, answer.json["code"]) == (409, "not-converted")


def test_an_answer_that_does_not_come_is_asked_for_again(converting, database, crew, recorded):
    _, lead = converting
    began = datetime.fromisoformat(lead["updated_at"])

    def ask(minutes):
        token = db.database.set(database)
        with db.transaction(crew.id) as tx:
            asked = usecases.ask_again(tx.session, now=began + timedelta(minutes=minutes))
        db.database.reset(token)
        return asked

    # After 2 minutes, 10 more and an hour more, and from then on every hour.
    asked = [ask(minutes) for minutes in (1, 3, 4, 14, 15, 75, 80, 136)]

    assert asked == [0, 1, 0, 1, 0, 1, 0, 1]
    told = recorded("lead.converted.v1")
    assert len(told) == 5
    assert all(one == told[0] for one in told)


def test_an_undo_that_is_not_answered_is_asked_for_again(
    converted, client_of, ada, database, crew, recorded
):
    path, _ = converted
    client_of(ada).post(f"{path}/undo-conversion")

    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        usecases.ask_again(tx.session, now=calendar.now() + timedelta(minutes=3))
    db.database.reset(token)

    first, second = recorded("lead.reverted.v1")
    assert first == second
