"""What one company cannot reach of another, whatever a query forgets."""

import pytest
from sqlalchemy import text

from identity.models import Base

WALLED = sorted({mapper.local_table.name for mapper in Base.registry.mappers})


@pytest.mark.parametrize("table", WALLED)
def test_a_company_sees_its_own_rows_only(table, company, other_company, sign_in):
    sign_in(company)
    sign_in(other_company)

    query = text(f"SELECT DISTINCT tenant_id FROM {table}")

    assert company.run(lambda s: s.scalars(query).all()) == [company.id]


@pytest.mark.parametrize("table", WALLED)
def test_a_connection_without_a_company_sees_nothing(table, database, company, sign_in):
    sign_in(company)

    with database.engine.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_the_lookups_of_a_key_say_a_company_and_nothing_else(database, company):
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT tenant_of_corp(:c)"), {"c": company.corp_id})
        assert found.all() == [(company.id,)]
        assert connection.execute(text("SELECT tenant_of_corp('nobody')")).all() == [(None,)]
        assert connection.execute(text("SELECT tenant_of_refresh('')")).all() == [(None,)]
