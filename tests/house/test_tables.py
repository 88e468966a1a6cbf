"""Every table stands behind its tenant's wall, and is what its models say."""

from importlib import import_module

import pytest
from places import SERVICES
from sqlalchemy import create_engine

from chassis import migrations, tables

# Functions that run as the owner, each known by name: their caller has no tenant yet, or, for the
# one of the chassis, they make and drop whole months and read no tenant's row.
OF_CHASSIS = {"keep_months"}
DEFINERS = {
    "identity": {"tenant_of_corp", "tenant_of_refresh"},
}
PACKAGES = [name.replace("-", "_") for name in SERVICES]


@pytest.fixture(params=PACKAGES)
def owner(request, stack):
    engine = create_engine(tables.with_driver(stack["test"]["owners"][request.param]))
    with engine.connect() as connection:
        yield request.param, connection
    engine.dispose()


def test_every_table_has_its_wall_but_those_that_are_listed(owner):
    _, connection = owner
    rows = connection.exec_driver_sql(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS walled FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace"
    ).all()

    open_tables = {row.relname for row in rows if not row.walled}
    assert rows
    assert open_tables <= tables.WITHOUT_TENANT


def test_a_wall_lets_the_application_see_its_tenant_only(owner):
    _, connection = owner
    rows = connection.exec_driver_sql(
        "SELECT tablename, policyname, roles::text[], qual, with_check FROM pg_policies"
    ).all()

    for row in rows:
        (role,) = row.roles
        mine = "(tenant_id = current_tenant())" if role.endswith("_app") else "true"
        assert (row.qual, row.with_check) == (mine, mine), row.tablename
        assert role.endswith(("_app", "_owner"))


def test_the_application_role_owns_nothing_and_passes_no_wall(owner):
    package, connection = owner
    role = connection.exec_driver_sql(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
        " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned,"
        " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships"
        " FROM pg_roles r WHERE rolname = %s",
        (f"{package}_app",),
    ).one()

    assert tuple(role) == (False, False, False, False, 0, 0)


def test_functions_that_run_as_the_owner_are_known_and_pinned(owner):
    package, connection = owner
    rows = connection.exec_driver_sql(
        "SELECT proname, proconfig FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    ).all()

    assert {row.proname for row in rows} == OF_CHASSIS | DEFINERS.get(package, set())
    assert all(any("search_path=" in c for c in row.proconfig or []) for row in rows)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_models_say_what_the_migrations_made(stack, package):
    url = stack["test"]["owners"][package]
    service = import_module(f"{package}.app").service

    assert migrations.differences(tables.metadata, url) == []
    assert migrations.differences(service.tables, url) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_key_begins_with_the_tenant(package):
    service = import_module(f"{package}.app").service
    walled = [t for t in service.tables.tables.values() if t.name not in tables.WITHOUT_TENANT]

    for table in walled:
        assert next(iter(table.primary_key.columns)).name == "tenant_id", table.name
        for index in table.indexes:
            assert next(iter(index.columns)).name == "tenant_id", index.name
