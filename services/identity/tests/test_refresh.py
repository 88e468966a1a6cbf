"""Staying signed in: one use for each refresh token, a moment's grace, and thieves."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.testing import Client
from identity import usecases
from identity.models import RefreshToken

HERE = "/api/v1/sessions/refresh"


@pytest.fixture
def refresh(client):
    """Shows a refresh token in the body, as a client without cookies does."""

    def show(token):
        return client.post(HERE, json={"refresh_token": token})

    return show


def test_a_refresh_token_is_exchanged_for_new_tokens(client, refresh, company, sign_in, bearer):
    granted = sign_in(company)

    renewed = refresh(granted["refresh_token"])

    assert renewed.status_code == 200
    assert renewed.json["refresh_token"] != granted["refresh_token"]
    assert client.get("/api/v1/me", headers=bearer(renewed.json)).status_code == 200
    assert len(company.sign_ins()) == 1


def test_a_chain_of_refreshes_goes_on(refresh, company, sign_in, later):
    token = sign_in(company)["refresh_token"]

    for hours in range(1, 6):
        later(hours=hours)
        answer = refresh(token)
        assert answer.status_code == 200
        token = answer.json["refresh_token"]


def test_the_previous_token_leads_to_the_same_one_for_a_moment(refresh, company, sign_in, later):
    token = sign_in(company)["refresh_token"]
    first = refresh(token)

    later(seconds=29)
    again = refresh(token)

    assert again.status_code == 200
    assert again.json["refresh_token"] == first.json["refresh_token"]
    assert refresh(again.json["refresh_token"]).status_code == 200


def test_tabs_that_refresh_at_once_all_stay_signed_in(app, company, sign_in):
    token = sign_in(company)["refresh_token"]

    def show(_):
        client = Client(app, app.response_class)
        return client.post(HERE, json={"refresh_token": token})

    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(show, range(8)))

    assert [a.status_code for a in answers] == [200] * 8
    assert len({a.json["refresh_token"] for a in answers}) == 1


def test_a_tab_that_comes_while_another_is_answered_waits_for_the_same_token(
    refresh, company, sign_in, settings, now, until_blocked
):
    token = sign_in(company)["refresh_token"]

    def renew_slowly(session):
        renewed = usecases.renew_sign_in(
            session,
            tenant_id=company.id,
            shown=RefreshToken.read(token),
            sealing_key=settings.sealing_key,
            now=now,
        )
        session.flush()
        late = tabs.submit(refresh, token)
        until_blocked(session)
        return renewed, late

    with ThreadPoolExecutor(1) as tabs:
        renewed, late = company.run(renew_slowly)

    assert late.result().json["refresh_token"] == renewed.refresh_token


def test_a_token_used_after_its_grace_ends_the_session_for_both_holders(
    client, refresh, company, sign_in, later, bearer
):
    stolen = sign_in(company)["refresh_token"]
    owners = refresh(stolen).json

    later(seconds=40)
    answer = refresh(stolen)

    assert (answer.status_code, answer.json["code"]) == (401, "sign-in-needed")
    assert refresh(owners["refresh_token"]).status_code == 401
    assert client.get("/api/v1/me", headers=bearer(owners)).status_code == 401
    assert [s.ended_because for s in company.sign_ins()] == ["token_reused"]


def test_a_token_of_long_ago_is_known_as_stolen_at_once(refresh, company, sign_in):
    stolen = sign_in(company)["refresh_token"]
    second = refresh(stolen).json["refresh_token"]
    third = refresh(second).json["refresh_token"]

    assert refresh(stolen).status_code == 401
    assert refresh(third).status_code == 401


def test_a_theft_ends_no_other_session_of_the_person(
    client, refresh, company, sign_in, later, bearer
):
    stolen, other = sign_in(company)["refresh_token"], sign_in(company)
    refresh(stolen)

    later(seconds=40)
    refresh(stolen)

    assert client.get("/api/v1/me", headers=bearer(other)).status_code == 200
    assert refresh(other["refresh_token"]).status_code == 200


def test_a_session_that_rests_for_30_days_is_over(refresh, company, sign_in, later):
    resting, used = sign_in(company)["refresh_token"], sign_in(company)["refresh_token"]

    later(days=29)
    used = refresh(used).json["refresh_token"]
    later(days=30, seconds=1)

    assert refresh(resting).status_code == 401
    assert refresh(used).status_code == 200


def test_no_session_lasts_longer_than_90_days(refresh, company, sign_in, later):
    token = sign_in(company)["refresh_token"]

    for days in (29, 58, 87, 89):
        later(days=days)
        token = refresh(token).json["refresh_token"]
    later(days=90, seconds=1)

    assert refresh(token).status_code == 401


def test_a_disabled_person_is_not_kept_signed_in(refresh, company, sign_in):
    token = sign_in(company)["refresh_token"]

    company.disable("WangFang")

    assert refresh(token).status_code == 401


def test_a_suspended_company_is_not_kept_signed_in(refresh, company, sign_in):
    token = sign_in(company)["refresh_token"]

    company.suspend()

    assert refresh(token).status_code == 401


@pytest.mark.parametrize(
    "shown", ["", "x", "a.b.c", ".", "AAAA.AAAA", "é.ü", "=.=", "A.A", "-" * 200]
)
def test_what_is_no_token_of_ours_is_refused(refresh, shown):
    answer = refresh(shown)

    assert (answer.status_code, answer.json["code"]) == (401, "sign-in-needed")


def test_a_family_with_another_secret_is_refused(refresh, company, sign_in):
    granted, other = sign_in(company)["refresh_token"], sign_in(company)["refresh_token"]
    mixed = granted.split(".")[0] + "." + other.split(".")[1]

    assert refresh(mixed).status_code == 401


def test_a_browser_is_given_cookies_and_no_token_that_a_script_could_read(client, company, sign_in):
    token = sign_in(company)["refresh_token"]

    answer = client.post(HERE, headers={"Cookie": f"xk_refresh={token}"})

    assert answer.status_code == 200
    assert (answer.json["access_token"], answer.json["refresh_token"]) == (None, None)
    names = [cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
    assert names == ["xk_access", "xk_refresh"]
    assert all("HttpOnly" in c for c in answer.headers.getlist("Set-Cookie"))


def test_a_client_that_keeps_no_cookies_is_given_none(refresh, company, sign_in):
    answer = refresh(sign_in(company)["refresh_token"])

    assert "Set-Cookie" not in answer.headers


def test_who_shows_nothing_is_asked_to_sign_in(client):
    assert client.post(HERE).status_code == 401


def test_nothing_kept_is_a_token(company, sign_in, refresh):
    first = sign_in(company)["refresh_token"]
    second = refresh(first).json["refresh_token"]

    kept = company.sign_ins()[0]

    values = {v for v in vars(kept).values() if isinstance(v, bytes | str)}
    shown = {part for token in (first, second) for part in token.split(".")}
    assert not shown & {v if isinstance(v, str) else v.hex() for v in values}
    assert kept.refresh_hash != kept.previous_hash
