"""A lead through the one door: written, listed, changed and put away by who may."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from cable import cable_to

LEADS = "/api/v1/leads"


@pytest.fixture
def entered(as_person):
    """A lead that 王芳 has just entered; her, and the lead."""
    wangfang = as_person("wangfang")
    answer = wangfang.post(LEADS, json={"name": "赵敏", "mobile": "138 0000 6666"})
    assert answer.status_code == 201, answer.text
    return wangfang, answer.json()


def test_a_salesperson_writes_changes_and_puts_a_lead_away(entered):
    wangfang, lead = entered
    path = f"{LEADS}/{lead['id']}"

    read = wangfang.get(path)
    changed = wangfang.patch(
        path, json={"title": "采购"}, headers={"If-Match": read.headers["ETag"]}
    )
    archived = wangfang.post(f"{path}/archive")

    assert read.json() == lead
    assert (changed.status_code, changed.json()["title"]) == (200, "采购")
    assert archived.json()["archived_at"]
    assert lead["id"] not in [row["id"] for row in wangfang.get(LEADS).json()["items"]]


def test_pressing_twice_enters_one_lead(as_person):
    wangfang, key = as_person("wangfang"), {"Idempotency-Key": uuid4().hex}
    form = {"name": "赵敏", "wechat": "zhaomin88"}

    first = wangfang.post(LEADS, json=form, headers=key)
    again = wangfang.post(LEADS, json=form, headers=key)

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_stale_change_shows_the_record_as_it_is(entered):
    wangfang, lead = entered
    path, read = f"{LEADS}/{lead['id']}", {"If-Match": '"1"'}
    wangfang.patch(path, json={"title": "总监"}, headers=read)

    stale = wangfang.patch(path, json={"title": "经理"}, headers=read)

    assert (stale.status_code, stale.json()["current"]["title"]) == (412, "总监")


def test_colleagues_leaders_and_strangers_see_what_they_should(entered, as_person):
    _, lead = entered
    path = f"{LEADS}/{lead['id']}"

    seen = {
        who: as_person(*who).get(path).status_code
        for who in [
            ("liqiang", 0),  # her manager
            ("hanfeng", 0),  # his
            ("zhangwei", 0),  # a colleague
            ("chenjing", 0),  # the manager of another team
            ("xujie", 0),  # accounting
            ("gaoyuan", 1),  # the administrator of another company
            ("wangfang", 1),  # who has her userid there
        ]
    }

    assert seen == {
        ("liqiang", 0): 200,
        ("hanfeng", 0): 200,
        ("zhangwei", 0): 404,
        ("chenjing", 0): 404,
        ("xujie", 0): 403,
        ("gaoyuan", 1): 404,
        ("wangfang", 1): 404,
    }


def test_a_list_has_pages_a_cursor_and_a_total(as_person):
    liuyang = as_person("liuyang")
    for number in range(5):
        liuyang.post(LEADS, json={"name": f"客户{number}", "qq": "10001"})

    page = liuyang.get(f"{LEADS}?page_size=2&page=2").json()
    after = liuyang.get(f"{LEADS}?page_size=2&after={page['next']}").json()

    assert (len(page["items"]), page["page"]) == (2, 2)
    assert page["total"] >= 5
    assert after["items"][0]["id"] < page["items"][-1]["id"]


def test_a_refusal_comes_through_the_gateway_as_it_was_said(as_person):
    answer = as_person("wangfang").post(LEADS, json={"name": "赵敏", "mobile": "138O"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].startswith("号码只能包含数字")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_while_the_database_is_away_nothing_is_lost_and_the_key_keeps_its_place(
    stack, as_person, own_service
):
    address = urlsplit(stack["databases"]["leads"])
    wangfang = as_person("wangfang")
    with cable_to((address.hostname, address.port)) as cable:
        through = address._replace(
            netloc=f"{address.username}:{address.password}@127.0.0.1:{cable.port}"
        )
        with own_service("leads", XIAOKE_DATABASE_URL=through.geturl()) as leads:
            wangfang.gateway = leads
            form, key = {"name": "赵敏", "qq": "10001"}, {"Idempotency-Key": uuid4().hex}
            before = wangfang.get(LEADS)

            cable.pull()
            refused = wangfang.post(LEADS, json=form, headers=key)
            cable.plug()
            mended = wangfang.post(LEADS, json=form, headers=key)
            again = wangfang.post(LEADS, json=form, headers=key)

    assert before.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (mended.status_code, "Idempotent-Replay" in mended.headers) == (201, False)
    assert again.json() == mended.json()
