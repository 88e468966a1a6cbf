"""The wall in the database itself, with no filter of ours in front of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis import db


@pytest.fixture
def in_tenant(database):
    """Runs one statement as the application, in a tenant or in none; answers its rows."""

    def run(statement, crew=None, **facts):
        with database.engine.begin() as connection:
            if crew is not None:
                setting = text("SELECT set_config('xiaoke.tenant', :tenant, true)")
                connection.execute(setting, {"tenant": str(crew.id)})
            return connection.execute(text(statement), facts).all()

    return run


def test_without_a_tenant_there_are_no_rows(in_tenant, ada, a_lead):
    a_lead(by=ada)

    assert in_tenant("SELECT id FROM leads") == []
    assert in_tenant("SELECT id FROM org_people") == []


def test_another_tenant_sees_and_changes_none_of_mine(in_tenant, crew, other_crew, ada, a_lead):
    a_lead(by=ada)
    change = "UPDATE leads SET name = 'x' RETURNING id"

    assert in_tenant("SELECT id FROM leads", other_crew) == []
    assert in_tenant(change, other_crew) == []
    assert len(in_tenant("SELECT id FROM leads", crew)) == 1


def test_nobody_writes_into_another_tenant(in_tenant, crew, other_crew, ada, a_lead):
    lead = a_lead(by=ada)
    move = "UPDATE leads SET tenant_id = :other WHERE id = :id RETURNING id"

    with pytest.raises(DBAPIError, match="row-level security"):
        in_tenant(move, crew, other=other_crew.id, id=lead["id"])


def test_leads_are_never_deleted(in_tenant, crew, ada, a_lead):
    a_lead(by=ada)

    with pytest.raises(DBAPIError, match="permission denied"):
        in_tenant("DELETE FROM leads RETURNING id", crew)


def test_a_tenant_ends_with_its_transaction(database, crew, ada, a_lead):
    a_lead(by=ada)
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        inside = tx.session.execute(text("SELECT current_tenant()")).scalar_one()
    db.database.reset(token)

    with database.engine.connect() as connection:
        outside = connection.execute(text("SELECT current_tenant()")).scalar_one()

    assert (inside, outside) == (crew.id, None)
