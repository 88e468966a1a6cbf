"""A lead becomes a customer, through the one door and over the broker."""

from uuid import uuid4

import pytest
from waiting import until

LEADS, CUSTOMERS, CONTACTS = "/api/v1/leads", "/api/v1/customers", "/api/v1/contacts"


@pytest.fixture
def company():
    """A name that nobody else has."""
    return f"{uuid4().hex[:8]}精密机械有限公司"


@pytest.fixture
def wangfang(as_person):
    return as_person("wangfang")


def _lead(caller, company, **more):
    answer = caller.post(
        LEADS, json={"name": "赵敏", "company_name": company, "qq": "10001", **more}
    )
    assert answer.status_code == 201, answer.text
    return f"{LEADS}/{answer.json()['id']}"


def _settled(caller, path):
    """The lead once customers have answered."""

    def look():
        lead = caller.get(path).json()
        return lead if lead["state"] in {"open", "converted"} else None

    return until(look)


def _converted(caller, company):
    path = _lead(caller, company)
    assert caller.post(f"{path}/convert", json={}).status_code == 202
    return path, _settled(caller, path)


def test_a_converted_lead_is_a_customer_with_its_contact(wangfang, company):
    path = _lead(wangfang, company, title="采购经理", address="上海市张江路 88 号")

    accepted = wangfang.post(f"{path}/convert", json={"contact": {"mobile": "138-0000-6666"}})
    lead = _settled(wangfang, path)
    customer = wangfang.get(f"{CUSTOMERS}/{lead['customer_id']}").json()
    contacts = wangfang.get(f"{CONTACTS}?customer_id={lead['customer_id']}").json()["items"]

    assert (accepted.status_code, accepted.json()["state"]) == (202, "converting")
    assert (lead["state"], lead["customer_id"]) == ("converted", accepted.json()["customer_id"])
    assert (customer["name"], customer["address"]) == (company, "上海市张江路 88 号")
    assert customer["followers"] == [{"person_id": lead["owner_id"], "is_main": True}]
    assert [(c["name"], c["title"], c["mobile"], c["qq"]) for c in contacts] == [
        ("赵敏", "采购经理", "138-0000-6666", "10001")
    ]


def test_the_lead_shows_the_customer_by_its_name(wangfang, company):
    path, _ = _converted(wangfang, company)

    shown = until(lambda: wangfang.get(path).json()["customer_name"])

    assert shown == company


def test_a_second_lead_of_the_company_comes_back_with_the_reason(wangfang, as_person, company):
    _, first = _converted(wangfang, company)
    zhangwei = as_person("zhangwei")

    _, second = _converted(zhangwei, f" {company.replace('有限', '有 限')}")

    assert (second["state"], second["customer_id"]) == ("open", None)
    assert second["refused_reason"] == "customer-exists"
    assert second["refused_matches"] == [{"customer_id": first["customer_id"], "key": "name"}]


def test_a_similar_company_is_converted_once_it_is_confirmed_to_be_another(wangfang, company):
    _, first = _converted(wangfang, company)
    path = _lead(wangfang, f"上海{company}")

    [asked] = wangfang.get(f"{CUSTOMERS}/similar?name=上海{company}").json()["items"]
    wangfang.post(f"{path}/convert", json={})
    refused = _settled(wangfang, path)
    confirmed = {
        "confirmed_similar": [asked["customer_id"]],
        "confirmed_because": "上海公司独立采购",
    }
    wangfang.post(f"{path}/convert", json=confirmed)
    lead = _settled(wangfang, path)

    assert (asked["customer_id"], asked["key"]) == (first["customer_id"], "core")
    assert refused["refused_reason"] == "similar-customers"
    assert (lead["state"], lead["refused_reason"]) == ("converted", None)


def test_on_the_same_day_a_lead_comes_back_and_its_company_is_free_again(wangfang, company):
    path, lead = _converted(wangfang, company)

    undone = wangfang.post(f"{path}/undo-conversion")
    back = _settled(wangfang, path)
    customer = wangfang.get(f"{CUSTOMERS}/{lead['customer_id']}").json()
    _, again = _converted(wangfang, company)

    assert (undone.status_code, undone.json()["state"]) == (202, "undoing")
    assert (back["state"], back["customer_id"], back["refused_reason"]) == ("open", None, None)
    assert customer["archived_at"]
    assert again["state"] == "converted"


def test_a_customer_on_which_something_hangs_stays(wangfang, company):
    path, lead = _converted(wangfang, company)
    contact = {"customer_id": lead["customer_id"], "name": "王磊", "mobile": "13900001111"}
    assert wangfang.post(CONTACTS, json=contact).status_code == 201

    wangfang.post(f"{path}/undo-conversion")
    kept = _settled(wangfang, path)

    assert (kept["state"], kept["refused_reason"]) == ("converted", "has-contacts")
    assert wangfang.get(f"{CUSTOMERS}/{lead['customer_id']}").json()["archived_at"] is None


def test_customers_are_seen_by_who_works_on_them_and_their_leaders(wangfang, as_person, company):
    _, lead = _converted(wangfang, company)
    path = f"{CUSTOMERS}/{lead['customer_id']}"

    seen = {
        who: as_person(*who).get(path).status_code
        for who in [("liqiang", 0), ("zhangwei", 0), ("xujie", 0), ("gaoyuan", 1)]
    }

    assert seen == {
        ("liqiang", 0): 200,  # her manager
        ("zhangwei", 0): 404,  # a colleague
        ("xujie", 0): 403,  # accounting
        ("gaoyuan", 1): 404,  # the administrator of another company
    }
