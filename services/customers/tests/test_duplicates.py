"""One company is one customer: what is refused, what asks for a reason (decision 16)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

HERE = "/api/v1/customers"
NAME = "晨曦精密机械（苏州）有限公司"
ELSEWHERE = "晨曦精密机械（上海）有限公司"
USCC = "91440300708461136T"


@pytest.mark.parametrize(
    "spelling",
    [
        NAME,
        "晨曦精密机械(苏州)有限公司",
        " 晨曦 精密机械\u3000（苏州）有限公司",
        "晨曦精密機械（蘇州）有限公司",
        "晨曦精密\u200b机械（苏州）有限公司",
    ],
)
def test_one_name_in_another_spelling_is_the_same_company(
    client_of, ada, bob, a_customer, spelling
):
    a_customer(by=ada)

    answer = client_of(bob).post(HERE, json={"name": spelling})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")
    assert answer.json["title"] == "这家公司已是客户"


def test_one_code_is_the_same_company_under_any_name(client_of, ada, bob, a_customer):
    a_customer(by=ada, uscc=USCC)

    answer = client_of(bob).post(HERE, json={"name": "北极星贸易有限公司", "uscc": USCC.lower()})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")


def test_the_same_company_cannot_be_confirmed_away(client_of, ada, a_customer):
    first = a_customer(by=ada)
    form = {"name": NAME, "confirmed_similar": [first["id"]], "confirmed_because": "另一家"}

    assert client_of(ada).post(HERE, json=form).json["code"] == "customer-exists"


def test_a_code_that_another_customer_has_is_refused_in_a_change(client_of, ada, a_customer):
    a_customer(by=ada, uscc=USCC)
    path = f"{HERE}/{a_customer(by=ada, name='北极星贸易有限公司')['id']}"

    answer = client_of(ada).patch(path, json={"uscc": USCC}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")
    assert client_of(ada).get(path).json["uscc"] is None


def test_two_customers_without_a_code_do_not_share_it(ada, a_customer):
    first, second = a_customer(by=ada), a_customer(by=ada, name="北极星贸易有限公司")

    assert first["uscc"] is second["uscc"] is None


@pytest.mark.parametrize(
    "alike", [ELSEWHERE, "上海晨曦精密机械有限公司", "晨曦精密机械股份有限公司"]
)
def test_a_similar_company_is_entered_once_it_was_confirmed(
    client_of, ada, bob, a_customer, in_tenant, alike
):
    first, client = a_customer(by=ada), client_of(bob)
    confirmed = {"confirmed_similar": [first["id"]], "confirmed_because": "两家公司各自采购"}

    unasked = client.post(HERE, json={"name": alike})
    with capture_logs() as logs:
        entered = client.post(HERE, json={"name": alike, **confirmed})

    assert (unasked.status_code, unasked.json["code"]) == (409, "similar-customers")
    assert unasked.json["title"] == "有相似的客户，请确认不是同一家公司"
    assert entered.status_code == 201
    assert [(log["event"], log["similar"]) for log in logs] == [
        ("similar_customers.confirmed", [first["id"]])
    ]


@pytest.mark.parametrize("reason", [{}, {"confirmed_because": " "}, {"confirmed_because": None}])
def test_confirming_takes_a_reason(client_of, ada, a_customer, reason):
    first = a_customer(by=ada)

    answer = client_of(ada).post(
        HERE, json={"name": ELSEWHERE, "confirmed_similar": [first["id"]], **reason}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "reason-missing")
    assert [e["field"] for e in answer.json["errors"]] == ["confirmed_because"]
    assert answer.json["detail"] == "请说明为什么这不是同一家公司"


def test_confirming_one_does_not_confirm_another(client_of, ada, a_customer):
    first = a_customer(by=ada)
    seen = {"confirmed_similar": [first["id"]], "confirmed_because": "各自独立"}
    a_customer(by=ada, name=ELSEWHERE, **seen)

    answer = client_of(ada).post(HERE, json={"name": "晨曦精密机械（无锡）有限公司", **seen})

    assert (answer.status_code, answer.json["code"]) == (409, "similar-customers")


def test_a_group_of_many_companies_can_be_entered_to_the_last(client_of, ada):
    """Nobody can confirm what they are not shown, and they are shown five."""
    client = client_of(ada)
    for place in ("苏州", "无锡", "常州", "南京", "扬州", "镇江", "泰州"):
        name = f"晨曦精密机械（{place}）有限公司"
        shown = client.get(f"{HERE}/similar", query_string={"name": name}).json["items"]

        answer = client.post(
            HERE,
            json={
                "name": name,
                "confirmed_similar": [one["customer_id"] for one in shown],
                "confirmed_because": "集团各地子公司各自采购",
            },
        )

        assert answer.status_code == 201, (place, answer.json)


def test_a_branch_is_a_customer_of_its_own_once_confirmed(client_of, ada, a_customer):
    parent = a_customer(by=ada)
    branch = {"name": f"{NAME}上海分公司"}
    confirmed = {"confirmed_similar": [parent["id"]], "confirmed_because": "分公司自行采购"}

    assert client_of(ada).post(HERE, json=branch).json["code"] == "similar-customers"
    assert client_of(ada).post(HERE, json={**branch, **confirmed}).status_code == 201


@pytest.mark.parametrize("name", ["晨曦有限公司", "精密机械有限公司", "晨曦精密机械设备有限公司"])
def test_a_part_of_a_name_is_not_similar(client_of, ada, a_customer, name):
    a_customer(by=ada)

    assert client_of(ada).post(HERE, json={"name": name}).status_code == 201


def test_the_mobile_of_a_contact_asks_for_confirmation(client_of, ada, bob, a_customer, a_contact):
    first = a_customer(by=ada)
    a_contact(by=ada, at=first, mobile="+86 138-0000-6666")
    form = {"name": "北极星贸易有限公司", "mobile": "13800006666"}
    confirmed = {"confirmed_similar": [first["id"]], "confirmed_because": "同一位采购员"}

    unasked = client_of(bob).post(HERE, json=form)

    assert (unasked.status_code, unasked.json["code"]) == (409, "similar-customers")
    assert client_of(bob).post(HERE, json={**form, **confirmed}).status_code == 201


def test_the_mobile_of_a_customer_asks_for_confirmation(client_of, ada, a_customer):
    a_customer(by=ada, mobile="138 0000 6666")

    answer = client_of(ada).post(HERE, json={"name": "北极星贸易有限公司", "mobile": "13800006666"})

    assert answer.json["code"] == "similar-customers"


def test_a_reason_is_needed_only_where_something_is_similar(client_of, ada):
    assert (
        client_of(ada).post(HERE, json={"name": NAME, "confirmed_similar": []}).status_code == 201
    )


def test_what_was_put_away_stands_in_nobodys_way(client_of, ada, a_request, deliver):
    asked, _ = a_request()
    undo = {"customer_id": asked["customer_id"], "undo": asked["owner_id"]}
    deliver("lead.reverted.v1", undo)

    answer = client_of(ada).post(HERE, json={**asked["customer"], "mobile": "13800006666"})

    assert answer.status_code == 201


def test_another_tenants_companies_are_none_of_ours(client_of, ada, eve, a_customer):
    a_customer(by=eve, uscc=USCC, mobile="13800006666")

    form = {"name": NAME, "uscc": USCC, "mobile": "13800006666"}

    assert client_of(ada).post(HERE, json=form).status_code == 201


@pytest.mark.parametrize(
    "written",
    [
        lambda n: {"name": NAME},
        lambda n: {"name": f"第{n}贸易有限公司", "uscc": USCC},
    ],
    ids=["name", "code"],
)
def test_of_eight_who_enter_one_company_at_once_one_does(client_of, crew, written):
    people = [crew.person(grants={"customer.create": "own"}) for _ in range(8)]

    def enter(n):
        return client_of(people[n]).post(HERE, json=written(n))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(enter, range(8)))

    assert sorted(a.status_code for a in answers) == [201] + [409] * 7
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"customer-exists"}
