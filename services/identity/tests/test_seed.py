"""Seeding: from a description to a company, as often as one likes."""

import dataclasses
import io
import json
import sys
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.people import Organisation, keep
from chassis.settings import BadSettings
from chassis.tables import org_people
from identity import commands
from identity.models import Department, Person, Role, Tenant
from identity.policy import ROLES

PERMISSIONS = [
    {"key": "lead.view", "zh": "查看线索", "en": "View leads", "roles": {"salesperson": "own"}}
]


@pytest.fixture
def local(settings, tmp_path):
    """The settings of a local stack whose permissions have been declared."""
    declared = tmp_path / "permissions.json"
    declared.write_text(json.dumps(PERMISSIONS))
    return dataclasses.replace(settings, local=True, permissions_file=declared)


@pytest.fixture
def seed(local, monkeypatch, capsys):
    """Seeds what is described; answers what is printed."""

    def run(described, settings=local):
        given = io.TextIOWrapper(io.BytesIO(json.dumps(described).encode()))
        monkeypatch.setattr(sys, "stdin", given)
        commands.seed(settings)
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def described():
    """Two companies, one of which has hardly anybody."""
    return {
        "tenants": [
            {
                "corp_id": f"ww{uuid4().hex}",
                "name": "晨曦",
                "departments": [
                    {"key": "hq", "name": "总部", "parent": None},
                    {"key": "sales", "name": "销售部", "parent": "hq"},
                ],
                "people": [
                    _described("amy", "艾米", "sales", "bob", "salesperson"),
                    _described("bob", "鲍勃", "hq", None, "leader", "salesperson"),
                ],
            },
            {
                "corp_id": f"ww{uuid4().hex}",
                "name": "远山",
                "departments": [{"key": "hq", "name": "总部", "parent": None}],
                "people": [_described("amy", "另一个艾米", "hq", None, "admin")],
            },
        ]
    }


def _described(userid, name, department, reports_to, *roles):
    return {
        "userid": userid,
        "name": name,
        "department": department,
        "position": None,
        "reports_to": reports_to,
        "roles": list(roles),
    }


def test_what_is_described_comes_to_be(seed, described):
    first, second = seed(described)["tenants"]

    assert first["corp_id"] == described["tenants"][0]["corp_id"]
    assert first["tenant"]["time_zone"] == "Asia/Shanghai"
    amy, bob = first["people"]
    hq, sales = first["departments"]
    roles = {role["code"]: role for role in first["roles"]}
    assert (amy["name"], amy["superior_id"]) == ("艾米", bob["id"])
    assert amy["department_ids"] == [sales["id"]]
    assert sales["parent_id"] == hq["id"]
    assert bob["role_ids"] == [roles["leader"]["id"], roles["salesperson"]["id"]]
    assert second["people"][0]["id"] != amy["id"]


def test_every_company_begins_with_every_role(seed, described):
    roles = seed(described)["tenants"][0]["roles"]

    assert {role["code"]: role["name"] for role in roles} == ROLES
    given = {role["code"]: role["permissions"] for role in roles if role["permissions"]}
    assert given == {"salesperson": {"lead.view": "own"}}


def test_seeding_twice_changes_nothing(seed, described, company):
    first = seed(described)
    rows = _rows(company, first)

    again = seed(described)

    assert again == first
    assert _rows(company, first) == rows


def test_only_what_changed_gets_a_new_version(seed, described):
    seed(described)
    described["tenants"][0]["people"][0]["name"] = "艾米莉"

    amy, bob = seed(described)["tenants"][0]["people"]

    assert (amy["name"], amy["version"]) == ("艾米莉", 2)
    assert bob["version"] == 1


def test_the_printed_states_are_what_a_replica_keeps(seed, described, company):
    told = seed(described)["tenants"][0]
    company.corp_id = told["corp_id"]

    states = Organisation(told["tenant"], told["departments"], told["roles"], told["people"])

    company.run(lambda s: keep(s, company.id, states, may_equal=True))

    kept = company.run(lambda s: set(s.scalars(select(org_people.c.name))))
    assert kept == {"艾米", "鲍勃"}


def test_outside_the_local_stack_nothing_is_seeded(seed, local, described):
    with pytest.raises(BadSettings, match="only for the local stack"):
        seed(described, dataclasses.replace(local, local=False))


def test_without_declared_permissions_nothing_is_seeded(seed, local, described):
    with pytest.raises(BadSettings, match="XIAOKE_PERMISSIONS_FILE is missing"):
        seed(described, dataclasses.replace(local, permissions_file=None))


def _rows(company, seeded):
    """Every row of what was seeded, with its version and times."""
    company.corp_id = seeded["tenants"][0]["corp_id"]
    return company.run(
        lambda s: {
            model.__tablename__: sorted(
                str({c.name: getattr(row, c.key) for c in model.__table__.columns})
                for row in s.query(model).all()
            )
            for model in (Tenant, Department, Role, Person)
        }
    )
