"""Who is here already: asked before entering, and no way to harvest (decisions 13, 14)."""

import pytest

from customers.models import Customer

HERE = "/api/v1/customers"
ASKED = f"{HERE}/similar"
NAME = "晨曦精密机械（苏州）有限公司"
USCC = "91440300708461136T"
TOLD = {
    "customer_id",
    "name",
    "key",
    "is_same",
    "main_follower",
    "follow_state",
    "is_visible",
}


@pytest.fixture
def similar(client_of):
    """Asks as somebody who is here already."""

    def ask(who, **asked):
        answer = client_of(who).get(ASKED, query_string=asked)
        assert answer.status_code == 200, answer.json
        return answer.json["items"]

    return ask


def test_a_colleagues_customer_is_told_by_name_follower_and_state(similar, ada, bob, a_customer):
    customer = a_customer(by=ada, mobile="13800006666", remark="只看价格")

    assert similar(bob, name=NAME) == [
        {
            "customer_id": customer["id"],
            "name": NAME,
            "key": "name",
            "is_same": True,
            "main_follower": "陈静",
            "follow_state": "to_be_followed",
            "is_visible": False,
        }
    ]


def test_ones_own_customer_can_be_opened(similar, ada, a_customer):
    a_customer(by=ada)

    assert [one["is_visible"] for one in similar(ada, name=NAME)] == [True]


def test_nothing_but_the_declared_keys_is_told(client_of, ada, bob, a_customer, a_contact):
    customer = a_customer(by=ada, mobile="13900007777", phone="0512-62880000")
    a_contact(by=ada, at=customer, mobile="13800006666", email="min@example.cn")

    answer = client_of(bob).get(ASKED, query_string={"name": "北极星", "mobile": "13800006666"})

    assert [set(one) for one in answer.json["items"]] == [TOLD]
    for secret in ("13800006666", "13900007777", "62880000", "min@example.cn", "赵敏"):
        assert secret not in answer.text


def test_a_customer_that_nobody_follows_is_in_the_pool(similar, in_tenant, ada):
    with in_tenant() as session:
        session.add(Customer(name=NAME, creator_id=ada.person_id))

    (told,) = similar(ada, name=NAME)

    assert (told["main_follower"], told["follow_state"]) == (None, "in_pool")
    assert told["is_visible"] is False


def test_only_the_main_follower_is_named(similar, ada, bob, a_customer, a_follower):
    a_follower(bob, a_customer(by=ada))

    assert [one["main_follower"] for one in similar(bob, name=NAME)] == ["陈静"]


def test_five_are_told_at_most_and_the_same_company_first(similar, client_of, ada, a_customer):
    seen = []
    for place in ("无锡", "常州", "南京", "扬州", "镇江", "苏州"):
        customer = a_customer(
            by=ada,
            name=f"晨曦精密机械（{place}）有限公司",
            confirmed_similar=seen,
            confirmed_because="各地子公司",
        )
        seen.append(customer["id"])

    told = similar(ada, name=NAME)

    assert [one["customer_id"] for one in told] == [seen[-1], *seen[:4]]
    assert [one["is_same"] for one in told] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("asked", "key", "is_same"),
    [
        ({"name": "晨曦精密機械 (蘇州) 有限公司"}, "name", True),
        ({"name": "晨曦精密机械（上海）有限公司"}, "core", False),
        ({"name": "北极星贸易有限公司", "uscc": " 91440300708461136t"}, "uscc", True),
        ({"name": "北极星贸易有限公司", "mobile": "+86 138-0000-6666"}, "mobile", False),
        ({"name": NAME, "uscc": USCC, "mobile": "13800006666"}, "uscc", True),
    ],
)
def test_the_strongest_key_tells_why(similar, ada, a_customer, asked, key, is_same):
    a_customer(by=ada, uscc=USCC, mobile="13800006666")

    assert [(one["key"], one["is_same"]) for one in similar(ada, **asked)] == [(key, is_same)]


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "晨曦"},
        {"name": "精密机械"},
        {"name": "北极星贸易有限公司", "mobile": "1380000"},
        {"name": "北极星贸易有限公司", "uscc": USCC[:17]},
        {"name": "%"},
    ],
)
def test_a_part_finds_nothing(similar, ada, a_customer, asked):
    a_customer(by=ada, uscc=USCC, mobile="13800006666")

    assert similar(ada, **asked) == []


def test_another_tenants_customers_are_never_told(similar, ada, eve, a_customer):
    a_customer(by=ada, uscc=USCC, mobile="13800006666")

    assert similar(eve, name=NAME, uscc=USCC, mobile="13800006666") == []


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({}, "name", "required"),
        ({"name": NAME, "mobile": "赵敏"}, "mobile", "bad-phone"),
        ({"name": NAME, "page": "2"}, "page", "unknown-field"),
        ({"name": "名" * 101}, "name", "wrong-length"),
    ],
)
def test_a_wrong_question_is_refused(client_of, ada, asked, field, code):
    answer = client_of(ada).get(ASKED, query_string=asked)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


def test_only_who_may_enter_customers_may_ask(client_of, crew):
    reader = crew.person(grants={"customer.view": "all"})

    assert client_of(reader).get(ASKED, query_string={"name": NAME}).status_code == 403
