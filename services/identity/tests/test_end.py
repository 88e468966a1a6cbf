"""Signing out."""

from concurrent.futures import ThreadPoolExecutor

from chassis import access
from chassis.testing import Client

HERE = "/api/v1/sessions/end"


def test_who_signs_out_is_signed_out_at_once(client, company, sign_in, bearer):
    granted = sign_in(company)

    answer = client.post(HERE, headers=bearer(granted))

    assert answer.status_code == 200
    assert answer.json["ended_at"] is not None
    assert client.get("/api/v1/me", headers=bearer(granted)).status_code == 401
    renewal = {"refresh_token": granted["refresh_token"]}
    assert client.post("/api/v1/sessions/refresh", json=renewal).status_code == 401
    assert [s.ended_because for s in company.sign_ins()] == ["signed_out"]


def test_signing_out_clears_the_cookies(client, company, sign_in, bearer):
    answer = client.post(HERE, headers=bearer(sign_in(company)))

    cookies = answer.headers.getlist("Set-Cookie")
    assert [c.split(";")[0] for c in cookies] == ["xk_access=", "xk_refresh="]
    assert all("Max-Age=0" in c and "Path=/" in c for c in cookies)


def test_other_devices_stay_signed_in(client, company, sign_in, bearer):
    phone, desk = sign_in(company, device="phone"), sign_in(company, device="desk")

    client.post(HERE, headers=bearer(phone))

    assert client.get("/api/v1/me", headers=bearer(desk)).status_code == 200


def test_an_ended_session_is_named_to_everybody_else(client, company, sign_in, bearer):
    client.post(HERE, headers=bearer(sign_in(company)))

    ended = [s.id for s in company.sign_ins()]
    assert company.person("WangFang").revoked_sessions == ended


def test_sessions_that_ended_long_ago_are_named_no_more(client, company, sign_in, later, bearer):
    client.post(HERE, headers=bearer(sign_in(company)))
    second = sign_in(company)

    later(hours=2)
    client.post(HERE, headers=bearer(second))

    assert company.person("WangFang").revoked_sessions == [company.sign_ins()[1].id]


def test_pressing_twice_at_once_signs_out_once(app, company, sign_in, bearer):
    headers = bearer(sign_in(company))

    def press(_):
        return Client(app, app.response_class).post(HERE, headers=headers)

    with ThreadPoolExecutor(4) as fingers:
        answers = list(fingers.map(press, range(4)))

    assert {a.status_code for a in answers} <= {200, 401}
    assert 200 in {a.status_code for a in answers}
    assert company.person("WangFang").version == 2


def test_colleagues_who_sign_out_at_once_do_not_disturb_each_other(app, company, sign_in, bearer):
    granted = [sign_in(company, userid) for userid in ("WangFang", "LiQiang") * 4]

    def press(one):
        return Client(app, app.response_class).post(HERE, headers=bearer(one))

    with ThreadPoolExecutor(8) as fingers:
        answers = list(fingers.map(press, granted))

    assert [a.status_code for a in answers] == [200] * 8
    assert len(company.person("WangFang").revoked_sessions) == 4
    assert len(company.person("LiQiang").revoked_sessions) == 4


def test_revocation_outlives_every_access_token():
    from identity.models import ACCESS_LIFE, REVOKED_FOR

    assert REVOKED_FOR.total_seconds() > 2 * (ACCESS_LIFE.total_seconds() + access.LEEWAY)
