"""A browser comes in by the scan page, stays, and leaves; only cookies carry it."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

LOGIN = "/api/v1/wecom/login?client=pc&redirect=/pc/leads"


@pytest.fixture
def browser(stack, corps):
    """A browser that has just been scanned in as 张伟, and where it was sent then."""
    session = requests.Session()
    scan_page = session.get(stack["gateway"] + LOGIN, timeout=15)
    state = parse_qs(urlsplit(scan_page.url).query)["state"][0]
    form = {"corp_id": corps[0], "userid": "zhangwei", "state": state}
    scanned = session.post(
        urljoin(scan_page.url, "/scan"), data=form, allow_redirects=False, timeout=15
    )
    callback = scanned.headers["Location"]
    landed = session.get(callback, allow_redirects=False, timeout=15)
    return session, landed, callback


def test_the_scan_leads_back_signed_in(stack, browser):
    session, landed, _ = browser

    me = session.get(f"{stack['gateway']}/api/v1/me", timeout=15)

    assert urlsplit(landed.headers["Location"]).path == "/pc/leads"
    assert me.json()["person"]["userid"] == "zhangwei"
    assert all("HttpOnly" in cookie._rest for cookie in session.cookies)


def test_a_state_and_its_code_are_good_once(browser):
    session, _, callback = browser

    again = session.get(callback, allow_redirects=False, timeout=15)
    elsewhere = requests.get(callback, allow_redirects=False, timeout=15)

    assert (again.status_code, elsewhere.status_code) == (403, 403)


def test_a_page_of_another_origin_writes_nothing(stack, browser):
    session, _, _ = browser
    here, form = f"{stack['gateway']}/api/v1/leads", {"name": "赵敏", "qq": "10001"}

    answers = {
        origin: session.post(
            here, json=form, headers={"Origin": origin} if origin else {}, timeout=15
        )
        for origin in ("https://evil.example", "null", "", stack["gateway"])
    }

    assert {origin: a.status_code for origin, a in answers.items()} == {
        "https://evil.example": 403,
        "null": 403,
        "": 403,
        stack["gateway"]: 201,
    }


def test_a_browser_stays_signed_in_and_leaves_for_good(stack, browser):
    session, _, _ = browser
    here, own = stack["gateway"], {"Origin": stack["gateway"]}
    before = dict(session.cookies)

    renewed = session.post(f"{here}/api/v1/sessions/refresh", json={}, headers=own, timeout=15)
    after = dict(session.cookies)
    ended = session.post(f"{here}/api/v1/sessions/end", json={}, headers=own, timeout=15)
    cut_off = {
        "access": requests.get(f"{here}/api/v1/me", cookies=after, timeout=15),
        "refresh": requests.post(
            f"{here}/api/v1/sessions/refresh", json={}, cookies=after, headers=own, timeout=15
        ),
    }

    assert (renewed.status_code, renewed.json()["access_token"]) == (200, None)
    assert before != after
    assert ended.status_code == 200
    assert dict(session.cookies) == {}
    assert {name: a.status_code for name, a in cut_off.items()} == {"access": 401, "refresh": 401}
