"""What an administrator changes is in force on every service within seconds, with no new login."""

import pytest
from waiting import until

LEADS, CUSTOMERS, PEOPLE = "/api/v1/leads", "/api/v1/customers", "/api/v1/people"
# So long a change may take while the broker is up (security, sessions).
WITHIN = 10.0


@pytest.fixture
def gaoyuan(as_person):
    """The administrator of the other company."""
    return as_person("gaoyuan", 1)


@pytest.fixture
def maling(as_person):
    return as_person("maling", 1)


@pytest.fixture
def change(gaoyuan, maling):
    """Changes 马玲, and takes it back after the test."""
    path = f"{PEOPLE}/{maling.get('/api/v1/me').json()['person']['id']}"

    def make(**form):
        read = gaoyuan.get(path)
        headers = {"If-Match": read.headers["ETag"]}
        changed = gaoyuan.patch(path, json=form, headers=headers)
        assert changed.status_code == 200, changed.text
        return path

    before = gaoyuan.get(path).json()
    yield make
    make(**{name: before[name] for name in ("superior_id", "role_ids", "grants")})
    if gaoyuan.get(path).json()["disabled_at"]:
        gaoyuan.post(f"{path}/enable")


@pytest.fixture
def a_colleagues_lead(as_person):
    lead = as_person("wangfang", 1).post(LEADS, json={"name": "赵敏", "qq": "10001"}).json()
    return lead, f"{LEADS}/{lead['id']}"


def _becomes(status, ask):
    return until(lambda: ask().status_code == status, WITHIN)


def test_a_special_grant_comes_and_goes(maling, change, a_colleagues_lead):
    _, path = a_colleagues_lead
    assert maling.get(path).status_code == 404

    change(grants={"lead.view": "all"})
    assert _becomes(200, lambda: maling.get(path))
    change(grants={})
    assert _becomes(404, lambda: maling.get(path))


def test_a_role_that_is_taken_away_closes_every_door(maling, change):
    assert maling.get(CUSTOMERS).status_code == 200

    change(role_ids=[])

    assert _becomes(403, lambda: maling.get(LEADS))
    assert _becomes(403, lambda: maling.get(CUSTOMERS))


def test_a_new_superior_sees_what_those_below_have(
    gaoyuan, maling, change, a_colleagues_lead, as_person
):
    lead, path = a_colleagues_lead
    leader = next(
        role["id"]
        for role in gaoyuan.get("/api/v1/roles?page_size=50").json()["items"]
        if role["code"] == "leader"
    )
    below = f"{PEOPLE}/{lead['owner_id']}"
    before = gaoyuan.get(below)
    change(role_ids=[leader])

    me = maling.get("/api/v1/me").json()["person"]["id"]
    headers = {"If-Match": before.headers["ETag"]}
    gaoyuan.patch(below, json={"superior_id": me}, headers=headers)
    assert _becomes(200, lambda: maling.get(path))

    headers = {"If-Match": gaoyuan.get(below).headers["ETag"]}
    gaoyuan.patch(below, json={"superior_id": before.json()["superior_id"]}, headers=headers)
    assert _becomes(404, lambda: maling.get(path))


def test_who_is_disabled_is_out_of_every_service(gaoyuan, maling, change):
    path = change()

    gaoyuan.post(f"{path}/disable")

    for door in (LEADS, CUSTOMERS, "/api/v1/me"):
        assert _becomes(401, lambda door=door: maling.get(door))


def test_who_signs_out_is_out_of_every_service(as_person):
    leaving = as_person("zhangwei")
    assert leaving.get(LEADS).status_code == 200

    leaving.post("/api/v1/sessions/end", json={})

    for door in (LEADS, CUSTOMERS):
        assert _becomes(401, lambda door=door: leaving.get(door))
