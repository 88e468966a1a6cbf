"""The list of customers: order, paging, filters, and the indexes that carry what is asked."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from chassis import db
from chassis.lists import Paging
from chassis.testing import Crew
from customers import policy, queries
from customers.models import Customer, alike

HERE = "/api/v1/customers"
SALES = {"customer.view": "own", "customer.create": "own"}


@pytest.fixture
def five(ada, a_customer):
    """Five customers of ada's, oldest first."""
    return [a_customer(by=ada, name=f"第{n}贸易有限公司")["id"] for n in range(5)]


def _ids(answer):
    return [item["id"] for item in answer.json["items"]]


def test_the_newest_customer_comes_first(client_of, ada, five):
    assert _ids(client_of(ada).get(HERE)) == five[::-1]
    assert _ids(client_of(ada).get(f"{HERE}?sort=created_at")) == five


def test_pages_of_a_list_add_up_to_the_whole(client_of, ada, five):
    client = client_of(ada)

    pages = [client.get(f"{HERE}?page_size=2&page={n}") for n in (1, 2, 3)]

    assert [len(p.json["items"]) for p in pages] == [2, 2, 1]
    assert [id_ for page in pages for id_ in _ids(page)] == five[::-1]
    assert {(p.json["total"], p.json["total_is_capped"]) for p in pages} == {(5, False)}
    assert [bool(p.json["next"]) for p in pages] == [True, True, False]


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "-updated_at", "updated_at"])
def test_following_the_cursor_reads_every_customer_once(client_of, ada, five, sort):
    client, seen = client_of(ada), []
    answer = client.get(f"{HERE}?page_size=2&sort={sort}")
    while True:
        seen += _ids(answer)
        if not answer.json["next"]:
            break
        answer = client.get(f"{HERE}?page_size=2&sort={sort}&after={answer.json['next']}")

    assert seen == (five[::-1] if sort.startswith("-") else five)


def test_a_customer_entered_meanwhile_does_not_shift_the_cursor(client_of, ada, five, a_customer):
    client = client_of(ada)
    first = client.get(f"{HERE}?page_size=2")

    a_customer(by=ada, name="后来者有限公司")

    assert _ids(client.get(f"{HERE}?page_size=2&after={first.json['next']}")) == five[2:0:-1]


def test_filters_narrow_the_list(client_of, crew, ada, bob, a_customer, a_follower):
    early = a_customer(by=ada, name="早到贸易有限公司")
    late = a_customer(by=ada, name="晚到贸易有限公司")
    a_follower(bob, early)
    client = client_of(crew.person(grants={"customer.view": "all"}))

    assert _ids(client.get(f"{HERE}?created_from={late['created_at']}")) == [late["id"]]
    assert _ids(client.get(f"{HERE}?created_before={late['created_at']}")) == [early["id"]]
    assert _ids(client.get(f"{HERE}?follower_id={ada.person_id}")) == [late["id"], early["id"]]
    assert _ids(client.get(f"{HERE}?follower_id={bob.person_id}")) == [early["id"]]
    assert _ids(client.get(f"{HERE}?follower_id={ada.tenant_id}")) == []
    assert _ids(client.get(f"{HERE}?archived=true")) == []


def test_a_filter_shows_nothing_beyond_ones_scope(client_of, ada, bob, five):
    assert _ids(client_of(bob).get(f"{HERE}?follower_id={ada.person_id}")) == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("colour=red", "colour", "unknown-field"),
        ("page=0", "page", "out-of-range"),
        ("page_size=201", "page_size", "out-of-range"),
        ("sort=name", "sort", "unknown-choice"),
        ("after=nonsense", "after", "bad-cursor"),
        ("created_from=yesterday", "created_from", "wrong-type"),
        ("follower_id=me", "follower_id", "wrong-type"),
        ("archived=perhaps", "archived", "wrong-type"),
    ],
)
def test_a_wrong_question_is_refused(client_of, ada, query, field, code):
    answer = client_of(ada).get(f"{HERE}?{query}")

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


@pytest.fixture(scope="module")
def crowd(database):
    """A company with 5,000 customers: a quarter is one person's, three are another's."""
    crew = Crew(database)
    ada, bob = crew.person(grants=SALES), crew.person(grants=SALES)
    reader = crew.person(grants={"customer.view": "all"})
    people = {"ada": ada.person_id, "bob": bob.person_id}
    with _in_tenant(database, crew) as session:
        for statement in _CROWD:
            session.execute(text(statement), people)
    return crew, {"ada": ada, "bob": bob, "reader": reader}


# A mobile has eleven digits; the codes need no check character here.
_CROWD = (
    """
    INSERT INTO customers (id, name, name_normalized, name_core, uscc, mobile, mobile_canonical,
                           creator_id, confirmed_similar, version, created_at, updated_at)
    SELECT gen_random_uuid(), '客户' || n, '客户' || n, '客户' || n, 'U' || n, m, m, :ada, '{}', 1,
           now() - n * interval '1 minute', now() - n * interval '1 minute'
    FROM (SELECT n, '139' || lpad(n::text, 8, '0') AS m FROM generate_series(1, 5000) n) s
    """,
    """
    INSERT INTO followers (customer_id, person_id, is_main, since, version, created_at, updated_at)
    SELECT id, CASE WHEN name IN ('客户7', '客户77', '客户777') THEN :bob
                    WHEN right(mobile, 2)::int % 4 = 0 THEN :ada ELSE gen_random_uuid() END,
           true, now(), 1, now(), now()
    FROM customers WHERE tenant_id = current_tenant()
    """,
    """
    INSERT INTO contacts (id, name, mobile, mobile_canonical, creator_id, version, created_at,
                          updated_at)
    SELECT id, '联系人', mobile, mobile, creator_id, 1, created_at, updated_at
    FROM customers WHERE tenant_id = current_tenant()
    """,
    """
    INSERT INTO contact_links (contact_id, customer_id, version, created_at, updated_at)
    SELECT id, id, 1, now(), now() FROM customers WHERE tenant_id = current_tenant()
    """,
)


@contextmanager
def _in_tenant(database, crew):
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        yield tx.session
    db.database.reset(token)


@pytest.mark.parametrize(
    ("who", "sort", "follower", "index"),
    [
        ("reader", "-created_at", None, "ix_customers_tenant_id_created_at_id"),
        ("reader", "updated_at", None, "ix_customers_tenant_id_updated_at_id"),
        ("reader", "-created_at", "bob", "ix_followers_tenant_id_person_id_customer_id"),
        ("bob", "-created_at", None, "ix_followers_tenant_id_person_id_customer_id"),
        ("bob", "updated_at", None, "ix_followers_tenant_id_person_id_customer_id"),
    ],
)
def test_every_way_into_the_list_walks_its_index(
    database, crowd, plans_of, who, sort, follower, index
):
    crew, people = crowd
    paging = Paging(sort=sort, page_size=20)
    filters = {"follower_id": people[follower].person_id} if follower else {}

    with _in_tenant(database, crew) as session:
        plans = plans_of(
            session,
            lambda: queries.customers(session, by=people[who], paging=paging, **filters),
        )

    assert index in plans[0]
    assert "Seq Scan on customers" not in plans[0]
    assert "Seq Scan on followers" not in plans[0]


@pytest.mark.parametrize("who", ["ada", "bob", "reader"])
def test_one_customer_is_found_by_its_key(database, crowd, plans_of, who):
    crew, people = crowd
    with _in_tenant(database, crew) as session:
        one = session.execute(text("SELECT id FROM customers WHERE name = '客户777'")).scalar_one()
        by = people[who]

        plans = plans_of(
            session, lambda: session.execute(select(Customer.id).where(_is_seen(one, by))).all()
        )

    assert "pk_customers" in plans[0]
    assert "Seq Scan on customers" not in plans[0]


def _is_seen(customer_id, by):
    return policy.customers.visible(by) & (Customer.id == customer_id)


def test_contacts_of_a_customer_are_found_by_their_index(database, crowd, plans_of):
    crew, people = crowd
    with _in_tenant(database, crew) as session:
        one = session.execute(text("SELECT id FROM customers WHERE name = '客户20'")).scalar_one()

        plans = plans_of(
            session,
            lambda: queries.contacts(
                session, by=people["ada"], paging=Paging(sort="-created_at"), customer_id=one
            ),
        )

    assert "ix_contact_links_tenant_id_customer_id_contact_id" in plans[0]
    for table in ("contacts", "contact_links", "customers", "followers"):
        assert f"Seq Scan on {table}" not in plans[0]


@pytest.mark.parametrize("number", ["139-0000-0042", "13900000042"])
def test_who_is_alike_is_found_by_indexes_alone(database, crowd, plans_of, number):
    crew = crowd[0]
    asked = alike(name="客户42", uscc="U43", mobiles=[number])

    with _in_tenant(database, crew) as session:
        found = session.execute(asked).all()
        (plan,) = plans_of(session, lambda: session.execute(asked))

    assert {frozenset(row.keys) for row in found} == {
        frozenset({"name", "core", "mobile"}),
        frozenset({"uscc"}),
    }
    for index in (
        "uq_customers_tenant_id_name_normalized",
        "ix_customers_tenant_id_name_core",
        "uq_customers_tenant_id_uscc",
        "ix_customers_tenant_id_mobile_canonical",
        "ix_contacts_tenant_id_mobile_canonical",
    ):
        assert index in plan
    assert "Seq Scan" not in plan


def test_the_total_of_a_long_list_is_capped(crowd, client_of):
    reader = client_of(crowd[1]["reader"])

    capped = reader.get(HERE).json
    exact = reader.get(f"{HERE}?count=exact").json

    assert (capped["total"], capped["total_is_capped"]) == (1000, True)
    assert (exact["total"], exact["total_is_capped"]) == (5_000, False)
