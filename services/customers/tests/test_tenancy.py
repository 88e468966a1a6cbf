"""The wall in the database itself, with no filter of ours in front of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

RECORDS = ["customers", "contacts", "contact_links", "openings"]
# Who works on a customer comes and goes.
RELATIONS = ["followers", "collaborators"]
TABLES = [*RECORDS, *RELATIONS]


@pytest.fixture
def in_tenant_of(database):
    """Runs one statement as the application, in a tenant or in none; answers its rows."""

    def run(statement, crew=None, **facts):
        with database.engine.begin() as connection:
            if crew is not None:
                setting = text("SELECT set_config('xiaoke.tenant', :tenant, true)")
                connection.execute(setting, {"tenant": str(crew.id)})
            return connection.execute(text(statement), facts).all()

    return run


@pytest.fixture
def everything(ada, bob, a_request, a_collaborator):
    """A row in each table of the crew's tenant."""
    asked, _ = a_request()
    a_collaborator(bob, {"id": asked["customer_id"]})


@pytest.mark.parametrize("table", TABLES)
def test_only_its_own_tenant_sees_and_changes_a_row(
    in_tenant_of, crew, other_crew, everything, table
):
    look, change = f"SELECT * FROM {table}", f"UPDATE {table} SET version = 9 RETURNING version"

    assert len(in_tenant_of(look, crew)) == 1
    assert in_tenant_of(look) == in_tenant_of(look, other_crew) == []
    assert in_tenant_of(change, other_crew) == []


@pytest.mark.parametrize("table", TABLES)
def test_nobody_writes_into_another_tenant(in_tenant_of, crew, other_crew, everything, table):
    move = f"UPDATE {table} SET tenant_id = :other RETURNING version"

    with pytest.raises(DBAPIError, match="row-level security"):
        in_tenant_of(move, crew, other=other_crew.id)


@pytest.mark.parametrize("table", RECORDS)
def test_no_record_is_ever_deleted(in_tenant_of, crew, everything, table):
    with pytest.raises(DBAPIError, match="permission denied"):
        in_tenant_of(f"DELETE FROM {table} RETURNING version", crew)
