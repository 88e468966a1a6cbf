"""Signing in: whom the bridge vouches for, and what they are given."""

import dataclasses

import jwt
import pytest

from chassis.testing import Client

HERE = "/internal/v1/sessions"
REFUSAL = "您不在应用的可见范围内，请联系企业管理员将您添加到可见范围"


def test_somebody_whom_the_bridge_vouches_for_is_signed_in(client, company, sign_in, bearer):
    granted = sign_in(company, device="iPhone")

    me = client.get("/api/v1/me", headers=bearer(granted))

    assert me.json["person"]["name"] == "王芳"
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 300)
    assert [s.device for s in company.sign_ins()] == ["iPhone"]


def test_an_access_token_says_who_calls_and_nothing_else(company, sign_in):
    token = sign_in(company)["access_token"]

    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})

    assert (header["typ"], header["alg"]) == ("at+jwt", "EdDSA")
    assert set(claims) == {"iss", "aud", "sub", "tid", "sid", "iat", "exp", "jti"}
    assert claims["tid"] == str(company.id)
    assert claims["sub"] == str(company.person("WangFang").id)
    assert claims["sid"] == str(company.sign_ins()[0].id)
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize("spelling", ["wangfang", "WANGFANG", "WangFang"])
def test_the_case_of_a_user_id_does_not_matter(client, company, sign_in, spelling, bearer):
    granted = sign_in(company, spelling)

    assert client.get("/api/v1/me", headers=bearer(granted)).json["person"]["userid"] == "WangFang"


def test_the_company_decides_between_people_of_one_user_id(
    client, company, other_company, sign_in, bearer
):
    here = client.get("/api/v1/me", headers=bearer(sign_in(company)))
    there = client.get("/api/v1/me", headers=bearer(sign_in(other_company)))

    assert here.json["tenant"]["id"] == str(company.id)
    assert there.json["tenant"]["id"] == str(other_company.id)


def test_a_company_nobody_knows_is_told_to_ask_its_administrator(bridge):
    answer = bridge.post(HERE, json={"corp_id": "wwnobody", "userid": "WangFang"})

    assert answer.status_code == 403
    assert (answer.json["code"], answer.json["detail"]) == ("not-in-visible-range", REFUSAL)


def test_a_person_nobody_knows_is_told_to_ask_their_administrator(bridge, company):
    answer = bridge.post(HERE, json={"corp_id": company.corp_id, "userid": "stranger"})

    assert answer.status_code == 403
    assert (answer.json["code"], answer.json["detail"]) == ("not-in-visible-range", REFUSAL)


def test_a_disabled_person_is_not_signed_in(bridge, company):
    company.disable("WangFang")

    answer = bridge.post(HERE, json={"corp_id": company.corp_id, "userid": "WangFang"})

    assert (answer.status_code, answer.json["code"]) == (403, "not-in-visible-range")
    assert company.sign_ins() == []


def test_nobody_of_a_suspended_company_is_signed_in(bridge, company):
    company.suspend()

    answer = bridge.post(HERE, json={"corp_id": company.corp_id, "userid": "WangFang"})

    assert (answer.status_code, answer.json["code"]) == (403, "not-in-visible-range")


def test_only_the_bridge_opens_sessions(client, company, sign_in, service_token):
    form = {"corp_id": company.corp_id, "userid": "WangFang"}
    of_a_person = sign_in(company)["access_token"]
    wrong = [
        service_token("leads"),
        service_token(aud="leads"),
        service_token(exp=0),
        of_a_person,
    ]

    answers = [
        client.post(HERE, json=form, headers={"Authorization": f"Bearer {token}"})
        for token in wrong
    ]

    assert client.post(HERE, json=form).status_code == 401
    assert [a.status_code for a in answers] == [401] * len(wrong)
    assert len(company.sign_ins()) == 1


def test_what_the_bridge_leaves_out_is_named(bridge):
    answer = bridge.post(HERE, json={"userid": "", "password": "x"})

    assert answer.status_code == 422
    assert {(e["field"], e["code"]) for e in answer.json["errors"]} == {
        ("corp_id", "required"),
        ("userid", "wrong-length"),
        ("password", "unknown-field"),
    }


def test_cookies_over_http_are_plain(company, sign_in):
    access, refresh = sign_in(company)["cookies"]

    assert access.startswith("xk_access=")
    assert refresh.startswith("xk_refresh=")
    assert _attributes(access) == {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=300"}
    assert _attributes(refresh) == {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"}


def test_cookies_over_https_are_bound_to_the_host(company, make_app, settings, service_token):
    secure = make_app(dataclasses.replace(settings, public_url="https://crm.example.com"))
    bridge = Client(secure, secure.response_class)
    headers = {"Authorization": f"Bearer {service_token()}"}

    granted = bridge.post(
        HERE, json={"corp_id": company.corp_id, "userid": "WangFang"}, headers=headers
    )

    access, refresh = granted.json["cookies"]
    assert access.startswith("__Host-xk_access=")
    assert refresh.startswith("__Host-xk_refresh=")
    assert "Secure" in _attributes(access) & _attributes(refresh)
    assert "Path=/" in _attributes(access) & _attributes(refresh)


def _attributes(cookie):
    return set(cookie.split("; ")[1:])
