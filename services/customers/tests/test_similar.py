"""Who is here already: asked before a company is entered, and no way to harvest."""

import pytest

HERE = "/api/v1/customers/similar"
SHOWN = {"customer_id", "name", "key", "is_same", "main_follower", "follow_state", "is_visible"}


@pytest.fixture
def similar(client_of):
    def ask(who, **asked):
        return client_of(who).get(HERE, query_string=asked).json["items"]

    return ask


def test_a_colleagues_customer_is_told_by_name_follower_and_state_only(
    similar, ada, bob, a_customer
):
    customer = a_customer(by=ada, name="上海晨曦软件有限公司", mobile="13800006666")

    [found] = similar(bob, name="北京晨曦软件有限公司")

    assert found.keys() == SHOWN
    assert found == {
        "customer_id": customer["id"],
        "name": "上海晨曦软件有限公司",
        "key": "core",
        "is_same": False,
        "main_follower": "陈静",
        "follow_state": "to_be_followed",
        "is_visible": False,
    }


def test_one_customer_is_told_once_by_its_strongest_key(similar, ada, a_customer):
    a_customer(by=ada, name="晨曦软件有限公司", uscc="91440300708461136T", mobile="13800006666")

    found = similar(
        ada, name="晨曦软件有限公司", uscc="9144 0300 70846 1136t", mobile="138-0000-6666"
    )

    assert [(row["key"], row["is_same"], row["is_visible"]) for row in found] == [
        ("uscc", True, True)
    ]


def test_at_most_five_are_told_and_the_same_company_comes_first(similar, ada, crew, a_customer):
    whole = crew.person(grants={"customer.create": "own", "customer.view": "own"})
    known = []
    for place in ("北京", "上海", "广州", "深圳", "杭州", "南京", "成都"):
        confirmed = {"confirmed_similar": known, "confirmed_because": "各地独立"} if known else {}
        known.append(a_customer(by=ada, name=f"{place}晨曦软件有限公司", **confirmed)["id"])

    found = similar(whole, name="成都晨曦软件有限公司")

    assert [row["key"] for row in found] == ["name", "core", "core", "core", "core"]
    assert found[0]["customer_id"] == known[-1]


def test_nobody_confirms_more_than_they_are_shown(client_of, similar, ada, a_customer):
    known = []
    for place in ("北京", "上海", "广州", "深圳", "杭州", "南京"):
        confirmed = {"confirmed_similar": known, "confirmed_because": "各地独立"} if known else {}
        known.append(a_customer(by=ada, name=f"{place}晨曦软件有限公司", **confirmed)["id"])
    shown = [row["customer_id"] for row in similar(ada, name="成都晨曦软件有限公司")]
    form = {"name": "成都晨曦软件有限公司", "confirmed_because": "各地独立"}

    answer = client_of(ada).post("/api/v1/customers", json={**form, "confirmed_similar": shown})

    assert len(shown) == 5
    assert answer.status_code == 201


def test_a_company_that_only_contains_the_words_is_another(similar, ada, a_customer):
    a_customer(by=ada, name="晨曦软件技术服务有限公司")

    assert similar(ada, name="晨曦软件有限公司") == []


def test_nobody_is_told_of_another_tenants_customers(similar, ada, a_customer, other_crew):
    a_customer(by=ada, name="晨曦软件有限公司")
    stranger = other_crew.person(grants={"customer.create": "own"})

    assert similar(stranger, name="晨曦软件有限公司") == []


def test_who_may_not_enter_customers_may_not_ask(client_of, crew):
    reader = crew.person(grants={"customer.view": "all"})

    assert client_of(reader).get(HERE, query_string={"name": "晨曦"}).status_code == 403
