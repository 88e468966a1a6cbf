"""An administrator manages the organisation; nobody else does, and nobody locks everybody out."""

import dataclasses
import json
from uuid import uuid4

import pytest

PERMISSIONS = [
    {"key": "lead.view", "zh": "查看线索", "en": "View leads", "roles": {"salesperson": "own"}},
    {"key": "organisation.view", "zh": "查看通讯录", "en": "View", "roles": {"salesperson": "all"}},
    {"key": "organisation.edit", "zh": "管理", "en": "Manage", "roles": {"admin": "all"}},
]
PEOPLE, DEPARTMENTS, ROLES = "/api/v1/people", "/api/v1/departments", "/api/v1/roles"


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """What services ask for, as it was written down."""
    file = tmp_path_factory.mktemp("api") / "permissions.json"
    file.write_text(json.dumps(PERMISSIONS), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def app(make_app, settings, declared):
    return make_app(dataclasses.replace(settings, permissions_file=declared))


@pytest.fixture
def company(company):
    """孙莉 administers what the others only work in."""
    company.permissions = PERMISSIONS
    company.people.append(
        {
            "userid": "SunLi",
            "name": "孙莉",
            "department": "hq",
            "position": "系统管理员",
            "reports_to": "LiQiang",
            "roles": ["admin", "salesperson"],
        }
    )
    company.tell()
    return company


@pytest.fixture
def as_(client, company, sign_in, bearer):
    """Calls as somebody of the company."""

    def caller(userid):
        headers = bearer(sign_in(company, userid))

        def call(method, path, json=None, version=None):
            more = {"If-Match": f'"{version}"'} if version else {}
            return client.open(path, method=method, json=json, headers=headers | more)

        return call

    return caller


@pytest.fixture
def sunli(as_):
    return as_("SunLi")


def _path(person):
    return f"{PEOPLE}/{person.id}"


def test_a_list_of_people_shows_each_as_they_are(sunli, company):
    wangfang = company.person("WangFang")

    listed = sunli("GET", PEOPLE).json["items"]
    one = sunli("GET", _path(wangfang)).json

    assert [row["name"] for row in listed] == ["孙莉", "王芳", "李强"]
    assert one in listed
    assert one["superior_id"] == str(company.person("LiQiang").id)
    assert "userid" not in one


def test_a_colleague_sees_the_address_book_and_changes_nothing(as_, company):
    wangfang = company.person("WangFang")
    call = as_("WangFang")

    seen = call("GET", _path(wangfang))
    refused = call("PATCH", _path(wangfang), {"grants": {"lead.view": "all"}}, version=1)

    assert (seen.status_code, seen.json["allowed_actions"]) == (200, [])
    assert (refused.status_code, refused.json["code"]) == (403, "permission-missing")


def test_people_of_another_company_are_not_there(sunli, other_company):
    stranger = _path(other_company.person("WangFang"))

    assert sunli("GET", stranger).status_code == 404
    assert sunli("PATCH", stranger, {"name": "x"}, version=1).status_code == 404
    assert sunli("POST", f"{stranger}/disable").status_code == 404


def test_a_special_grant_is_told_to_every_service(sunli, company, recorded_of):
    wangfang = company.person("WangFang")

    changed = sunli("PATCH", _path(wangfang), {"grants": {"lead.view": "all"}}, version=1)

    assert changed.json["grants"] == {"lead.view": "all"}
    assert recorded_of(company, "person.state.v1", wangfang.id)[-1]["grants"] == {
        "lead.view": "all"
    }


def test_what_a_person_is_called_and_holds_can_be_changed(sunli, company):
    wangfang, liqiang = company.person("WangFang"), company.person("LiQiang")
    roles = {row["code"]: row["id"] for row in sunli("GET", f"{ROLES}?page_size=50").json["items"]}
    form = {"name": "小芳", "superior_id": None, "role_ids": [roles["leader"]]}

    changed = sunli("PATCH", _path(wangfang), form, version=1)
    stale = sunli("PATCH", _path(wangfang), form, version=1)

    assert {name: changed.json[name] for name in form} == form
    assert changed.json["department_ids"] != [str(d) for d in liqiang.department_ids]
    assert (stale.status_code, stale.json["current"]["name"]) == (412, "小芳")


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"superior_id": str(uuid4())}, "superior_id", "unknown-person"),
        ({"department_ids": [str(uuid4())]}, "department_ids", "unknown-department"),
        ({"role_ids": [str(uuid4())]}, "role_ids", "unknown-role"),
        ({"grants": {"lead.invent": "all"}}, "grants.lead.invent", "unknown-permission"),
        ({"grants": {"lead.view": "galaxy"}}, "grants.lead.view.value", "unknown-choice"),
        ({"userid": "root"}, "userid", "unknown-field"),
        ({"name": ""}, "name", "wrong-length"),
    ],
)
def test_what_is_not_there_cannot_be_given(sunli, company, form, field, code):
    refused = sunli("PATCH", _path(company.person("WangFang")), form, version=1)

    assert refused.status_code == 422
    assert [(e["field"], e["code"]) for e in refused.json["errors"]] == [(field, code)]


def test_nobody_reports_to_somebody_below_them(sunli, company):
    liqiang, wangfang = company.person("LiQiang"), company.person("WangFang")

    below = sunli("PATCH", _path(liqiang), {"superior_id": str(wangfang.id)}, version=1)
    itself = sunli("PATCH", _path(liqiang), {"superior_id": str(liqiang.id)}, version=1)

    assert below.json["code"] == itself.json["code"] == "goes-in-circle"


def test_a_disabled_person_is_out_at_once_and_can_come_back(sunli, as_, company):
    wangfang = company.person("WangFang")
    call = as_("WangFang")
    before = call("GET", PEOPLE).status_code

    disabled = sunli("POST", f"{_path(wangfang)}/disable")
    out = call("GET", PEOPLE).status_code
    gone = [row["name"] for row in sunli("GET", PEOPLE).json["items"]]
    sunli("POST", f"{_path(wangfang)}/enable")

    assert disabled.json["disabled_at"]
    assert disabled.json["allowed_actions"] == ["edit", "enable"]
    assert (before, out, call("GET", PEOPLE).status_code) == (200, 401, 200)
    assert "王芳" not in gone


def test_the_last_administrator_stays_one(sunli, company):
    me = company.person("SunLi")
    [admin] = [
        r for r in sunli("GET", f"{ROLES}?page_size=50").json["items"] if r["code"] == "admin"
    ]

    refused = [
        sunli("POST", f"{_path(me)}/disable"),
        sunli("PATCH", _path(me), {"role_ids": []}, version=1),
        sunli("PATCH", f"{ROLES}/{admin['id']}", {"permissions": {}}, version=admin["version"]),
    ]

    assert [(r.status_code, r.json["code"]) for r in refused] == [(409, "last-administrator")] * 3
    assert sunli("GET", _path(me)).json["disabled_at"] is None


def test_a_role_of_the_companys_own_gives_what_it_says(sunli, as_, company):
    form = {"code": "auditor", "name": "稽核", "permissions": {"lead.view": "all"}}
    made = sunli("POST", ROLES, form)
    wangfang = company.person("WangFang")

    sunli("PATCH", _path(wangfang), {"role_ids": [made.json["id"]]}, version=1)
    me = as_("WangFang")("GET", "/api/v1/me").json
    again = sunli("POST", ROLES, form)

    assert made.status_code == 201
    assert me["scopes"] == {"lead.view": ["all"]}
    assert (again.status_code, again.json["code"]) == (409, "role-exists")


def test_a_department_has_a_place_in_the_tree_and_goes_when_nobody_is_in_it(sunli, company):
    east = company.person("WangFang").department_ids[0]
    made = sunli("POST", DEPARTMENTS, {"name": "苏州办事处", "parent_id": str(east)}).json
    path = f"{DEPARTMENTS}/{made['id']}"

    in_use = sunli("POST", f"{DEPARTMENTS}/{east}/archive")
    circle = sunli("PATCH", f"{DEPARTMENTS}/{east}", {"parent_id": made["id"]}, version=1)
    archived = sunli("POST", f"{path}/archive")
    nowhere = sunli("POST", DEPARTMENTS, {"name": "x", "parent_id": made["id"]})

    assert (in_use.status_code, in_use.json["code"]) == (409, "department-in-use")
    assert circle.json["code"] == "goes-in-circle"
    assert archived.json["archived_at"]
    assert [e["code"] for e in nowhere.json["errors"]] == ["unknown-department"]


def test_the_permissions_that_can_be_given_are_those_that_services_ask_for(sunli):
    listed = sunli("GET", "/api/v1/permissions").json["items"]

    assert [row["key"] for row in listed] == [row["key"] for row in PERMISSIONS]
