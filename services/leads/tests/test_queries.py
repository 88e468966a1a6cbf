"""The list of leads: order, paging, filters, reach, and the indexes that carry them."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text

from chassis import db
from chassis.lists import Paging
from chassis.testing import Crew
from leads import queries

SALES = {"lead.view": "own", "lead.create": "own"}

HERE = "/api/v1/leads"


@pytest.fixture
def five(ada, a_lead):
    """Five leads of ada's, oldest first."""
    return [a_lead(by=ada, name=f"客户{n}")["id"] for n in range(5)]


def _ids(answer):
    return [item["id"] for item in answer.json["items"]]


def test_the_newest_lead_comes_first(client_of, ada, five):
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
def test_following_the_cursor_reads_every_lead_once(client_of, ada, five, sort):
    client, seen = client_of(ada), []
    answer = client.get(f"{HERE}?page_size=2&sort={sort}")
    while True:
        seen += _ids(answer)
        if not answer.json["next"]:
            break
        answer = client.get(f"{HERE}?page_size=2&sort={sort}&after={answer.json['next']}")

    assert seen == (five[::-1] if sort.startswith("-") else five)


def test_a_lead_entered_meanwhile_does_not_shift_the_cursor(client_of, ada, five, a_lead):
    client = client_of(ada)
    first = client.get(f"{HERE}?page_size=2")

    a_lead(by=ada, name="后来者")

    assert _ids(client.get(f"{HERE}?page_size=2&after={first.json['next']}")) == five[2:0:-1]


def test_an_item_of_the_list_is_the_record_itself(client_of, ada, a_lead):
    lead = a_lead(by=ada)

    assert client_of(ada).get(HERE).json["items"] == [lead]
    assert client_of(ada).get(f"{HERE}/{lead['id']}").json == lead


@pytest.mark.parametrize(
    "spelling", ["13800006666", "%2B86 138-0000-6666", "(138)00006666", "１３８００００６６６６"]
)
def test_a_number_is_found_in_any_spelling(client_of, ada, a_lead, spelling):
    lead = a_lead(by=ada, mobile="+86 138 0000 6666")
    a_lead(by=ada, mobile="13900006666")

    assert _ids(client_of(ada).get(f"{HERE}?number={spelling}")) == [lead["id"]]


def test_filters_narrow_the_list(client_of, ada, a_lead):
    early = a_lead(by=ada, source="excel")
    late = a_lead(by=ada, source="manual")
    client = client_of(ada)

    assert _ids(client.get(f"{HERE}?source=excel")) == [early["id"]]
    assert _ids(client.get(f"{HERE}?created_from={late['created_at']}")) == [late["id"]]
    assert _ids(client.get(f"{HERE}?created_before={late['created_at']}")) == [early["id"]]
    assert len(_ids(client.get(f"{HERE}?owner_id={ada.person_id}"))) == 2
    assert _ids(client.get(f"{HERE}?owner_id={ada.tenant_id}")) == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("colour=red", "colour", "unknown-field"),
        ("page=0", "page", "out-of-range"),
        ("page=two", "page", "wrong-type"),
        ("page_size=201", "page_size", "out-of-range"),
        ("page=51&page_size=20", "page", "too-deep"),
        ("sort=name", "sort", "unknown-choice"),
        ("after=nonsense", "after", "bad-cursor"),
        ("page=1&page=2", "page", "given-twice"),
        ("created_from=yesterday", "created_from", "wrong-type"),
        ("created_from=2026-01-01T00:00:00", "created_from", "wrong-type"),
        ("owner_id=me", "owner_id", "wrong-type"),
        ("number=%00", "number", "bad-characters"),
    ],
)
def test_a_wrong_question_is_refused(client_of, ada, query, field, code):
    answer = client_of(ada).get(f"{HERE}?{query}")

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


def test_a_cursor_of_another_order_is_refused(client_of, ada, five):
    cursor = client_of(ada).get(f"{HERE}?page_size=2").json["next"]

    answer = client_of(ada).get(f"{HERE}?sort=created_at&after={cursor}")

    assert [e["code"] for e in answer.json["errors"]] == ["bad-cursor"]


def test_a_leader_sees_the_leads_of_everybody_below(client_of, crew, a_lead):
    chief = crew.person(grants={"lead.view": "team"})
    head = crew.person(grants={"lead.view": "team"}, reports_to=chief)
    sales = crew.person(grants={"lead.view": "own", "lead.create": "own"}, reports_to=head)
    outsider = crew.person(grants={"lead.view": "team", "lead.create": "own"})
    lead = a_lead(by=sales)
    a_lead(by=outsider)

    for leader in (chief, head):
        assert _ids(client_of(leader).get(HERE)) == [lead["id"]]


def test_a_department_scope_reaches_colleagues_and_not_below(client_of, crew, a_lead):
    sales = crew.department("销售中心")
    east = crew.department("华东", sales)
    grants = {"lead.create": "own", "lead.view": "own"}
    above = crew.person(grants=grants, departments=(sales,))
    below = crew.person(grants=grants, departments=(east,))
    flat = crew.person(grants={"lead.view": "dept"}, departments=(sales,))
    deep = crew.person(grants={"lead.view": "dept_tree"}, departments=(sales,))
    mine, theirs = a_lead(by=above)["id"], a_lead(by=below)["id"]

    assert _ids(client_of(flat).get(HERE)) == [mine]
    assert _ids(client_of(deep).get(HERE)) == [theirs, mine]


def test_superiors_in_a_circle_do_not_see_each_others_doubles(client_of, crew, a_lead):
    grants = {"lead.view": "team", "lead.create": "own"}
    first = crew.person(grants=grants)
    second = crew.person(grants=grants, reports_to=first)
    crew.change(first, superior_id=second.person_id)
    lead = a_lead(by=second)

    assert _ids(client_of(first).get(HERE)) == [lead["id"]]


@pytest.fixture(scope="module")
def crowd(database):
    """A company with 20,000 leads, a twentieth of them one salesperson's, and a reader of all."""
    crew = Crew(database)
    ada, reader = crew.person(grants=SALES), crew.person(grants={"lead.view": "all"})
    with _in_tenant(database, crew) as session:
        session.execute(
            text(
                """
                INSERT INTO leads (id, name, mobile, mobile_canonical, source, owner_id,
                                   creator_id, version, created_at, updated_at)
                SELECT gen_random_uuid(), '客户' || n, m, m,
                       (ARRAY['manual', 'excel', 'exmail'])[1 + n % 3],
                       CASE WHEN n % 20 = 0 THEN :ada ELSE gen_random_uuid() END, :ada, 1,
                       now() - n * interval '1 minute', now() - n * interval '1 minute'
                FROM (SELECT n, '139' || lpad(n::text, 8, '0') AS m
                      FROM generate_series(1, 20000) n) s
                """
            ),
            {"ada": ada.person_id},
        )
    return crew, ada, reader


@contextmanager
def _in_tenant(database, crew):
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        yield tx.session
    db.database.reset(token)


@pytest.mark.parametrize(
    ("scope", "filters", "index"),
    [
        ("all", {}, "ix_leads_tenant_id_created_at_id"),
        ("own", {}, "ix_leads_tenant_id_owner_id_created_at_id"),
        ("all", {"source": "excel"}, "ix_leads_tenant_id_source_created_at_id"),
        ("all", {"number": "139-0000-0042"}, "ix_leads_tenant_id_mobile_canonical"),
        ("all", {"sort": "-updated_at"}, "ix_leads_tenant_id_updated_at_id"),
        ("own", {"sort": "updated_at"}, "ix_leads_tenant_id_owner_id_updated_at_id"),
    ],
)
def test_every_way_into_the_list_walks_its_index(database, crowd, plans_of, scope, filters, index):
    crew, ada, reader = crowd
    by, asked = (ada if scope == "own" else reader), dict(filters)
    paging = Paging(sort=asked.pop("sort", "-created_at"), page_size=20)

    with _in_tenant(database, crew) as session:
        plans = plans_of(session, lambda: queries.leads(session, by=by, paging=paging, **asked))

    assert index in plans[0]


def test_the_total_of_a_long_list_is_capped(crowd, client_of):
    reader = client_of(crowd[2])

    capped = reader.get(HERE).json
    exact = reader.get(f"{HERE}?count=exact").json

    assert (capped["total"], capped["total_is_capped"]) == (1000, True)
    assert (exact["total"], exact["total_is_capped"]) == (20_000, False)


def test_a_cursor_goes_on_where_numbered_pages_end(crowd, client_of):
    reader = client_of(crowd[2])

    last = reader.get(f"{HERE}?page=5&page_size=200").json
    beyond = reader.get(f"{HERE}?page_size=200&after={last['next']}").json

    assert len(beyond["items"]) == 200
    assert beyond["items"][0]["created_at"] < last["items"][-1]["created_at"]
    assert beyond["total"] is None
