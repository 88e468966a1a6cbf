"""Leads through their interface: who gets what, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from chassis.testing import token_for

HERE = "/api/v1/leads"


def test_a_lead_belongs_to_who_entered_it(client_of, ada):
    answer = client_of(ada).post(HERE, json={"name": "赵敏", "mobile": " 138-0000-6666 "})

    assert answer.status_code == 201
    assert answer.json["owner_id"] == answer.json["creator_id"] == str(ada.person_id)
    assert answer.json["mobile"] == "138-0000-6666"
    assert answer.json["source"] == "manual"
    assert answer.json["allowed_actions"] == ["edit", "archive"]
    assert answer.headers["ETag"] == '"1"'


@pytest.mark.parametrize("way", ["mobile", "phone", "email", "qq", "wechat"])
def test_one_contact_way_is_enough(client_of, ada, way):
    written = {"email": "min@example.cn", "qq": "10001"}.get(way, "13800006666")

    assert client_of(ada).post(HERE, json={"name": "赵敏", way: written}).status_code == 201


def test_a_lead_without_a_contact_way_is_refused(client_of, ada):
    answer = client_of(ada).post(HERE, json={"name": "赵敏", "mobile": "  "})

    assert (answer.status_code, answer.json["code"]) == (422, "contact-way-missing")
    assert {e["field"] for e in answer.json["errors"]} == {
        "mobile",
        "phone",
        "email",
        "qq",
        "wechat",
    }


def test_a_lead_without_any_name_is_refused(client_of, ada):
    answer = client_of(ada).post(HERE, json={"mobile": "13800006666"})

    assert (answer.status_code, answer.json["code"]) == (422, "name-missing")


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("mobile", "1380000666a", "bad-phone"),
        ("phone", "0" * 50, "bad-phone"),
        ("email", "min.example.cn", "bad-email"),
        ("email", "min@example.cn。", "bad-email"),
        ("qq", "01234", "bad-qq"),
        ("wechat", "微信同号", "bad-wechat"),
        ("name", "名" * 51, "too-long"),
        ("gender", "other", "unknown-choice"),
        ("name", 7, "wrong-type"),
        ("name", "nul\0", "bad-characters"),
        ("name", "lone \ud800", "bad-characters"),
        ("owner_id", "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11", "unknown-field"),
        ("version", 3, "unknown-field"),
    ],
)
def test_a_wrong_field_is_named_with_its_code(client_of, ada, field, written, code):
    form = {"name": "赵敏", "mobile": "13800006666", field: written}

    answer = client_of(ada).post(HERE, json=form)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


def test_a_refusal_speaks_the_readers_language(client_of, ada):
    chinese = client_of(ada).post(HERE, json={"name": "赵敏"})
    english = client_of(ada).post(HERE, json={"name": "赵敏"}, headers={"Accept-Language": "en"})

    assert chinese.json["title"].startswith("手机")
    assert english.json["title"].startswith("Give at least one")


def test_pressing_twice_enters_once(client_of, ada):
    form, key = {"name": "赵敏", "mobile": "13800006666"}, {"Idempotency-Key": "press-1"}

    first = client_of(ada).post(HERE, json=form, headers=key)
    again = client_of(ada).post(HERE, json=form, headers=key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client_of(ada).get(HERE).json["total"] == 1


def test_eight_presses_at_once_enter_one_lead(client_of, ada):
    form, key = {"name": "赵敏", "mobile": "13800006666"}, {"Idempotency-Key": "press-8"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client_of(ada).post(HERE, json=form, headers=key), range(8))
        )

    assert {a.status_code for a in answers} == {201}
    assert len({a.json["id"] for a in answers}) == 1
    assert client_of(ada).get(HERE).json["total"] == 1


def test_a_key_that_was_used_for_something_else_is_refused(client_of, ada):
    key = {"Idempotency-Key": "press-2"}
    client_of(ada).post(HERE, json={"name": "赵敏", "qq": "10001"}, headers=key)

    answer = client_of(ada).post(HERE, json={"name": "王磊", "qq": "10001"}, headers=key)

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")


def test_a_refused_call_does_not_use_up_its_key(client_of, ada):
    key = {"Idempotency-Key": "press-3"}
    refused = client_of(ada).post(HERE, json={"name": "赵敏"}, headers=key)

    mended = client_of(ada).post(HERE, json={"name": "赵敏", "qq": "10001"}, headers=key)

    assert (refused.status_code, mended.status_code) == (422, 201)


def test_two_people_may_use_the_same_key(client_of, ada, bob):
    form, key = {"name": "赵敏", "qq": "10001"}, {"Idempotency-Key": "press-4"}

    mine = client_of(ada).post(HERE, json=form, headers=key)
    theirs = client_of(bob).post(HERE, json=form, headers=key)

    assert mine.json["id"] != theirs.json["id"]


def test_a_change_needs_the_version_that_was_read(client_of, ada, a_lead):
    lead = a_lead(by=ada)

    answer = client_of(ada).patch(f"{HERE}/{lead['id']}", json={"title": "采购经理"})

    assert (answer.status_code, answer.json["code"]) == (428, "version-needed")


def test_a_change_keeps_what_it_does_not_name(client_of, ada, a_lead):
    lead = a_lead(by=ada, remark="展会上认识")

    answer = client_of(ada).patch(
        f"{HERE}/{lead['id']}", json={"title": "采购经理"}, headers={"If-Match": '"1"'}
    )

    assert answer.status_code == 200
    assert (answer.json["title"], answer.json["remark"]) == ("采购经理", "展会上认识")
    assert (answer.json["version"], answer.headers["ETag"]) == (2, '"2"')


def test_a_stale_change_answers_with_the_current_record(client_of, ada, a_lead):
    lead, path = a_lead(by=ada), f"{HERE}/{a_lead(by=ada)['id']}"
    client_of(ada).patch(path, json={"title": "总监"}, headers={"If-Match": '"1"'})

    stale = client_of(ada).patch(path, json={"title": "经理"}, headers={"If-Match": '"1"'})

    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert (stale.json["current"]["title"], stale.json["current"]["version"]) == ("总监", 2)
    assert client_of(ada).get(path).json == stale.json["current"]
    assert lead["version"] == 1


def test_of_two_changes_at_once_one_is_stale(client_of, ada, a_lead):
    path = f"{HERE}/{a_lead(by=ada)['id']}"

    def change(title):
        return client_of(ada).patch(path, json={"title": title}, headers={"If-Match": '"1"'})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(change, ["总监", "经理"]))

    assert sorted(a.status_code for a in answers) == [200, 412]
    winner, loser = sorted(answers, key=lambda a: a.status_code)
    assert loser.json["current"] == winner.json


def test_the_last_contact_way_cannot_be_emptied(client_of, ada, a_lead):
    lead = a_lead(by=ada)

    answer = client_of(ada).patch(
        f"{HERE}/{lead['id']}", json={"mobile": None}, headers={"If-Match": '"1"'}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "contact-way-missing")
    assert client_of(ada).get(f"{HERE}/{lead['id']}").json["mobile"] == "13800006666"


def test_the_source_of_a_lead_never_changes(client_of, ada, a_lead):
    lead = a_lead(by=ada, source="exmail")

    answer = client_of(ada).patch(
        f"{HERE}/{lead['id']}", json={"source": "manual"}, headers={"If-Match": '"1"'}
    )

    assert [e["code"] for e in answer.json["errors"]] == ["unknown-field"]


@pytest.mark.parametrize("version", ["1", 'W/"1"', '"one"', '"-1"', '"1", "2"'])
def test_a_version_that_is_none_of_ours_is_malformed(client_of, ada, a_lead, version):
    lead = a_lead(by=ada)

    answer = client_of(ada).patch(
        f"{HERE}/{lead['id']}", json={"title": "总监"}, headers={"If-Match": version}
    )

    assert answer.status_code == 400


def test_an_archived_lead_leaves_the_list_and_stays_readable(client_of, ada, a_lead):
    lead = a_lead(by=ada)

    answer = client_of(ada).post(f"{HERE}/{lead['id']}/archive")

    assert answer.json["archived_at"]
    assert answer.json["allowed_actions"] == []
    assert client_of(ada).get(HERE).json["items"] == []
    assert client_of(ada).get(f"{HERE}?archived=true").json["items"] == [answer.json]
    assert client_of(ada).get(f"{HERE}/{lead['id']}").status_code == 200


def test_an_archived_lead_can_no_longer_be_changed(client_of, ada, a_lead):
    lead = a_lead(by=ada)
    client_of(ada).post(f"{HERE}/{lead['id']}/archive")

    change = client_of(ada).patch(
        f"{HERE}/{lead['id']}", json={"title": "总监"}, headers={"If-Match": '"2"'}
    )
    again = client_of(ada).post(f"{HERE}/{lead['id']}/archive")

    assert change.json["code"] == again.json["code"] == "lead-archived"
    assert (change.status_code, again.status_code) == (409, 409)


def test_what_a_colleague_owns_looks_like_what_does_not_exist(client_of, ada, bob, a_lead):
    path = f"{HERE}/{a_lead(by=ada)['id']}"
    nowhere = f"{HERE}/{uuid4()}"
    client, version = client_of(bob), {"If-Match": '"1"'}

    answers = [
        (client.get(path), client.get(nowhere)),
        (
            client.patch(path, json={"title": "x"}, headers=version),
            client.patch(nowhere, json={"title": "x"}, headers=version),
        ),
        (client.post(f"{path}/archive"), client.post(f"{nowhere}/archive")),
    ]

    for theirs, missing in answers:
        assert theirs.status_code == missing.status_code == 404
        assert _but_for_its_id(theirs) == _but_for_its_id(missing)
    assert client.get(HERE).json["items"] == []


def _but_for_its_id(answer):
    return {name: value for name, value in answer.json.items() if name != "request_id"}


def test_a_visible_lead_of_somebody_else_may_not_be_changed(client_of, crew, ada, a_lead):
    lead = a_lead(by=ada)
    reader = crew.person(grants={"lead.view": "all", "lead.edit": "own"})

    seen = client_of(reader).get(f"{HERE}/{lead['id']}")
    answer = client_of(reader).patch(
        f"{HERE}/{lead['id']}", json={"title": "x"}, headers={"If-Match": '"1"'}
    )

    assert (seen.status_code, seen.json["allowed_actions"]) == (200, [])
    assert (answer.status_code, answer.json["code"]) == (403, "not-yours")


def test_a_person_without_the_permission_is_refused(client_of, crew):
    reader = crew.person(grants={"lead.view": "all"})

    answer = client_of(reader).post(HERE, json={"name": "赵敏", "qq": "10001"})

    assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")


def test_nobody_is_asked_to_sign_in(client_of):
    answer = client_of().get(HERE)

    assert (answer.status_code, answer.json["code"]) == (401, "sign-in-needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_disabled_person_is_out_at_once(client_of, crew, ada, now):
    client = client_of(ada)
    before = client.get(HERE)

    crew.change(ada, disabled_at=now)

    assert (before.status_code, client.get(HERE).status_code) == (200, 401)


def test_an_ended_session_is_out_at_once(client_of, crew, ada):
    client = client_of(ada)

    crew.change(ada, revoked_sessions=[ada.session_id])

    assert client.get(HERE).status_code == 401


def test_a_person_whom_this_service_has_not_heard_of_is_told_to_try_again(client_of, ada):
    stranger = ada.__class__(ada.tenant_id, uuid4(), uuid4(), "新人", "Asia/Shanghai", {})

    answer = client_of(stranger).get(HERE)

    assert (answer.status_code, answer.json["code"]) == (503, "not-ready")
    assert answer.headers["Retry-After"]


def test_the_token_decides_the_tenant_and_nothing_else_does(
    client_of, ada, other_crew, a_lead, signing_key
):
    lead = a_lead(by=ada)
    twin = other_crew.person(grants={"lead.view": "all", "lead.edit": "all"})
    crossed = token_for(ada, signing_key, tid=str(twin.tenant_id))

    foreign = client_of(twin).get(f"{HERE}/{lead['id']}")
    spoofed = client_of(twin).get(HERE, headers={"X-Tenant-Id": str(ada.tenant_id)})
    mixed = client_of().get(HERE, headers={"Authorization": f"Bearer {crossed}"})

    assert foreign.status_code == 404
    assert spoofed.json["items"] == []
    assert mixed.status_code == 503


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "a", "name": "b", "qq": "10001"}', "application/json", 400),
        (b'{"name": NaN, "qq": "10001"}', "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"", "application/json", 422),
        (b"name=a", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'{"name": "' + b"a" * 1_000_001 + b'"}', "application/json", 413),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_body_that_cannot_be_read_changes_nothing(client_of, ada, body, kind, status):
    answer = client_of(ada).post(HERE, data=body, content_type=kind)

    assert answer.status_code == status
    assert client_of(ada).get(HERE).json["total"] == 0


def test_an_idempotency_key_that_cannot_be_kept_is_refused(client_of, ada):
    form = {"name": "赵敏", "qq": "10001"}

    answer = client_of(ada).post(HERE, json=form, headers={"Idempotency-Key": "k" * 129})

    assert (answer.status_code, answer.json["code"]) == (400, "bad-idempotency-key")
