"""Asking for a lead to become a customer, and for the lead back: what people may do (LEAD-10)."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

HERE = "/api/v1/leads"
COMPANY = "晨曦精密机械（苏州）有限公司"


@pytest.fixture
def convert(client_of):
    def press(who, lead, form=None, **headers):
        path = f"{HERE}/{lead['id']}/convert"
        return client_of(who).post(path, json=form or {}, headers=headers)

    return press


@pytest.fixture
def undo(client_of):
    def press(who, lead, **headers):
        return client_of(who).post(f"{HERE}/{lead['id']}/undo-conversion", headers=headers)

    return press


def test_converting_is_accepted_and_on_its_way(convert, cleo, a_lead, read):
    lead = a_lead(by=cleo, company_name=COMPANY)

    answer = convert(cleo, lead)

    assert (answer.status_code, answer.json["state"]) == (202, "converting")
    assert answer.json["customer_id"]
    assert (answer.json["converted_at"], answer.json["customer_name"]) == (None, None)
    assert answer.json["allowed_actions"] == []
    assert read(cleo, lead) == answer.json


def test_what_is_asked_is_what_the_lead_says(convert, cleo, a_lead, recorded):
    lead = a_lead(
        by=cleo,
        company_name=COMPANY,
        mobile="+86 138-0000-6666",
        phone="0512-62880000",
        email="min@example.cn",
        title="经理",
        address="星湖街 1 号",
        remark="展会上认识",
    )

    answer = convert(cleo, lead)

    assert recorded("lead.converted.v1") == [
        {
            "customer_id": answer.json["customer_id"],
            "asked_by": str(cleo.person_id),
            "owner_id": str(cleo.person_id),
            "customer": {
                "name": COMPANY,
                "uscc": None,
                "phone": None,
                "address": "星湖街 1 号",
                "postcode": None,
                "remark": "展会上认识",
            },
            "contact": {
                "name": "赵敏",
                "gender": None,
                "mobile": "+86 138-0000-6666",
                "phone": "0512-62880000",
                "email": "min@example.cn",
                "qq": None,
                "wechat": None,
                "department": None,
                "title": "经理",
            },
            "confirmed_similar": [],
            "confirmed_because": None,
        }
    ]


def test_the_form_goes_before_what_the_lead_says(convert, cleo, a_lead, recorded):
    lead = a_lead(by=cleo, company_name="晨曦", address="旧址", remark="展会")
    similar = str(uuid4())
    form = {
        "customer": {"name": COMPANY, "uscc": "91440300708461136T", "address": None},
        "contact": {"name": "赵敏敏", "gender": "female", "qq": "10001"},
        "confirmed_similar": [similar],
        "confirmed_because": "各自采购",
    }

    convert(cleo, lead, form)

    (asked,) = recorded("lead.converted.v1")
    assert (asked["customer"]["name"], asked["customer"]["address"]) == (COMPANY, None)
    assert (asked["customer"]["uscc"], asked["customer"]["remark"]) == (
        "91440300708461136T",
        "展会",
    )
    assert (asked["contact"]["name"], asked["contact"]["mobile"]) == ("赵敏敏", "13800006666")
    assert (asked["contact"]["gender"], asked["contact"]["qq"]) == ("female", "10001")
    assert (asked["confirmed_similar"], asked["confirmed_because"]) == ([similar], "各自采购")


@pytest.mark.parametrize(
    ("written", "form", "field", "code", "words"),
    [
        (
            {"company_name": None},
            {},
            "customer.name",
            "customer-name-missing",
            "转为客户须填写公司名称",
        ),
        ({"name": None}, {}, "contact.name", "contact-name-missing", "请填写联系人姓名"),
        ({}, {"customer": {"name": ""}}, "customer.name", "wrong-length", None),
        ({}, {"contact": {"name": None}}, "contact.name", "null", None),
        ({}, {"contact": {"mobile": "138x"}}, "contact.mobile", "bad-phone", None),
        ({}, {"customer": {"colour": "red"}}, "customer.colour", "unknown-field", None),
        ({}, {"confirmed_similar": ["x"]}, "confirmed_similar.0", "wrong-type", None),
        ({}, {"owner_id": str(uuid4())}, "owner_id", "unknown-field", None),
    ],
)
def test_what_is_missing_is_named(
    convert, cleo, a_lead, read, recorded, written, form, field, code, words
):
    lead = a_lead(by=cleo, **{"company_name": COMPANY, **written})

    answer = convert(cleo, lead, form)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]
    assert words in (None, answer.json["detail"])
    assert read(cleo, lead) == lead
    assert recorded("lead.converted.v1") == []


def test_a_contact_that_nobody_could_reach_is_refused(convert, cleo, a_lead, read):
    lead = a_lead(by=cleo, company_name=COMPANY)

    answer = convert(cleo, lead, {"contact": {"mobile": None}})

    assert (answer.status_code, answer.json["code"]) == (422, "contact-way-missing")
    assert {e["field"] for e in answer.json["errors"]} == {
        f"contact.{way}" for way in ("mobile", "phone", "email", "qq", "wechat")
    }
    assert read(cleo, lead) == lead


def test_a_lead_on_its_way_stays_as_it_is(client_of, convert, undo, cleo, a_converting_lead, read):
    lead = a_converting_lead(by=cleo)
    path, version = f"{HERE}/{lead['id']}", {"If-Match": f'"{lead["version"]}"'}

    answers = [
        client_of(cleo).patch(path, json={"title": "总监"}, headers=version),
        client_of(cleo).post(f"{path}/archive"),
        convert(cleo, lead),
        undo(cleo, lead),
    ]

    assert {(a.status_code, a.json["code"]) for a in answers} == {(409, "lead-converting")}
    assert {a.json["title"] for a in answers} == {"这条线索正在转为客户，请稍候"}
    assert read(cleo, lead) == lead


def test_a_converted_lead_stays_as_it_is(client_of, convert, cleo, a_converted_lead, read):
    lead = a_converted_lead(by=cleo)
    path, version = f"{HERE}/{lead['id']}", {"If-Match": f'"{lead["version"]}"'}

    answers = [
        client_of(cleo).patch(path, json={"title": "总监"}, headers=version),
        client_of(cleo).post(f"{path}/archive"),
        convert(cleo, lead),
    ]

    assert {(a.status_code, a.json["code"]) for a in answers} == {(409, "already-converted")}
    assert read(cleo, lead) == lead


def test_an_archived_lead_does_not_become_a_customer(client_of, convert, cleo, a_lead):
    lead = a_lead(by=cleo, company_name=COMPANY)
    client_of(cleo).post(f"{HERE}/{lead['id']}/archive")

    answer = convert(cleo, lead)

    assert (answer.status_code, answer.json["code"]) == (409, "lead-archived")


def test_what_was_never_converted_cannot_be_undone(undo, cleo, a_lead):
    answer = undo(cleo, a_lead(by=cleo))

    assert (answer.status_code, answer.json["code"]) == (409, "not-converted")


def test_a_version_may_be_named_and_then_it_counts(convert, cleo, a_lead):
    lead = a_lead(by=cleo, company_name=COMPANY)

    stale = convert(cleo, lead, **{"If-Match": '"7"'})
    fresh = convert(cleo, lead, **{"If-Match": '"1"'})

    assert (stale.status_code, stale.json["code"], fresh.status_code) == (412, "stale", 202)
    assert stale.json["current"] == lead


def test_pressing_twice_with_one_key_converts_once(convert, cleo, a_lead, recorded):
    lead, key = a_lead(by=cleo, company_name=COMPANY), {"Idempotency-Key": "press-1"}

    first, again = convert(cleo, lead, **key), convert(cleo, lead, **key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert (first.status_code, again.headers["Idempotent-Replay"]) == (202, "true")
    assert len(recorded("lead.converted.v1")) == 1


def test_of_eight_presses_at_once_one_converts(convert, cleo, a_lead, recorded, conversions):
    lead = a_lead(by=cleo, company_name=COMPANY)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: convert(cleo, lead), range(8)))

    assert sorted(a.status_code for a in answers) == [202] + [409] * 7
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"lead-converting"}
    assert len(recorded("lead.converted.v1")) == len(conversions(lead)) == 1


def test_of_eight_undos_at_once_one_is_asked(undo, cleo, a_converted_lead, recorded):
    lead = a_converted_lead(by=cleo)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: undo(cleo, lead), range(8)))

    assert sorted(a.status_code for a in answers) == [202] + [409] * 7
    assert len(recorded("lead.reverted.v1")) == 1


def test_a_leader_converts_for_the_salesperson(convert, crew, cleo, a_lead, recorded):
    above = crew.person(grants={"lead.view": "team", "lead.convert": "team"})
    crew.change(cleo, superior_id=above.person_id)
    lead = a_lead(by=cleo, company_name=COMPANY)

    answer = convert(above, lead)

    (asked,) = recorded("lead.converted.v1")
    assert answer.status_code == 202
    assert (asked["owner_id"], asked["asked_by"]) == (str(cleo.person_id), str(above.person_id))


def test_a_colleagues_lead_looks_like_what_does_not_exist(
    client_of, convert, undo, bob, crew, cleo, a_lead
):
    colleague = crew.person(grants={"lead.view": "own", "lead.convert": "own"})
    lead, nowhere = a_lead(by=cleo, company_name=COMPANY), {"id": str(uuid4())}

    for press in (convert, undo):
        theirs, missing = press(colleague, lead), press(colleague, nowhere)
        assert theirs.status_code == missing.status_code == 404
        assert theirs.json["code"] == missing.json["code"] == "not-found"


def test_another_tenants_lead_does_not_exist(convert, other_crew, cleo, a_lead):
    foreign = other_crew.person(grants={"lead.view": "all", "lead.convert": "all"})

    assert convert(foreign, a_lead(by=cleo, company_name=COMPANY)).status_code == 404


def test_a_visible_lead_of_somebody_else_is_not_ones_to_convert(convert, crew, cleo, a_lead):
    reader = crew.person(grants={"lead.view": "all", "lead.convert": "own"})

    answer = convert(reader, a_lead(by=cleo, company_name=COMPANY))

    assert (answer.status_code, answer.json["code"]) == (403, "not-yours")


def test_without_the_permission_nobody_converts(convert, undo, ada, a_lead):
    lead = a_lead(by=ada, company_name=COMPANY)

    for answer in (convert(ada, lead), undo(ada, lead)):
        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
    assert lead["allowed_actions"] == ["edit", "archive"]
