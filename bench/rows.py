"""Leads by the ten thousand and by the million, as a sales desk would have them."""

from datetime import UTC, datetime, timedelta

import psycopg

from stack.progress import step

SLICE = 100_000
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)

# Ids grow with time as new ones do, so that indexes are filled in the order of a real life.
_FILL = """
INSERT INTO leads (
    tenant_id, id, name, company_name, mobile, mobile_canonical, phone, phone_canonical, email,
    qq, wechat, address, postcode, department, title, gender, remark, source, owner_id, creator_id,
    version, created_at, updated_at
)
SELECT
    %(tenant)s,
    (lpad(to_hex(1704067200000 + n * 1000), 12, '0') || '7' || left(md5(n::text), 3)
        || '8' || right(md5(n::text), 15))::uuid,
    '联系人' || n, '第' || n || '贸易有限公司',
    '138 ' || lpad(n::text, 8, '0'), '138' || lpad(n::text, 8, '0'),
    '021-' || lpad(n::text, 8, '0'), '021' || lpad(n::text, 8, '0'), 'lead' || n || '@example.cn',
    (10000 + n)::text, 'wx_' || n, '上海市浦东新区张江路' || n || '号', '201203', '采购部', '经理',
    CASE WHEN n %% 2 = 0 THEN 'male' ELSE 'female' END, '展会上认识，下周回电。', 'manual',
    owners[1 + n %% cardinality(owners)], owners[1 + n %% cardinality(owners)], 1,
    %(beginning)s::timestamptz + n * interval '1 second',
    %(beginning)s::timestamptz + n * interval '1 second'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n,
    (SELECT array_agg(id ORDER BY id) AS owners FROM org_people
     WHERE tenant_id = %(tenant)s AND superior_id IS NOT NULL) AS sales
"""


def fill(owner_url: str, tenant: str, count: int) -> None:
    """Give a tenant `count` leads, one a second from the beginning, shared among its sellers."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for first in range(1, count + 1, SLICE):
            last = min(first + SLICE - 1, count)
            facts = {"tenant": tenant, "first": first, "last": last, "beginning": BEGINNING}
            with step(f"writing leads {first:,} to {last:,}"):
                connection.execute(_FILL, facts)
        with step("gathering statistics"):
            connection.execute("VACUUM (ANALYZE) leads")
            connection.execute("ANALYZE")


def written_at(number: int) -> str:
    """The instant at which the lead of that number was written."""
    return (BEGINNING + timedelta(seconds=number)).isoformat()
