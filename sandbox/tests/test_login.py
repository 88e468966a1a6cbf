"""From the login button to a session, and all the ways that must not lead there."""

from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.tickets import Tickets

LOGIN = "/api/v1/wecom/login"
JSON = {"Accept": "application/json"}
CALLBACK = f"http://127.0.0.1:20000{LOGIN}/callback"


@pytest.fixture
def begin(browser):
    """Presses the login button; answers the state of the login."""

    def press(browser=browser, **wanted):
        answer = browser.get(LOGIN, query_string={"client": "pc", "redirect": "/pc/"} | wanted)
        return parse_qs(urlsplit(answer.location).query)["state"][0]

    return press


@pytest.fixture
def scan(browser, corp_id):
    """Is scanned as somebody; answers the address that the browser is sent back to."""

    def confirm(state, userid="WangFang", **form):
        form = {"corp_id": corp_id, "userid": userid, "state": state} | form
        return browser.post("/scan", data=form)

    return confirm


@pytest.fixture
def come_back(browser):
    """Follows the address that a scan leads to."""

    def follow(scanned, browser=browser, **headers):
        parts = urlsplit(scanned.location)
        return browser.get(f"{parts.path}?{parts.query}", headers=headers)

    return follow


def test_the_login_button_leads_to_the_scan_page(browser):
    answer = browser.get(LOGIN, query_string={"client": "pc", "redirect": "/pc/"})

    address, query = urlsplit(answer.location), parse_qs(urlsplit(answer.location).query)
    assert (answer.status_code, address.netloc, address.path) == (302, "127.0.0.1:20001", "/scan")
    assert query["redirect_uri"] == [CALLBACK]
    cookie = answer.headers["Set-Cookie"]
    assert f"xk_login={query['state'][0]}" in cookie
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))


def test_the_scan_page_offers_the_people_by_company(browser, begin):
    page = browser.get("/scan", query_string={"state": begin(), "redirect_uri": CALLBACK})

    assert page.status_code == 200
    assert "王芳" in page.text
    assert "总部 · 客户经理" in page.text
    assert "晨曦&lt;b&gt;云&lt;/b&gt;" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]


def test_who_is_scanned_comes_back_signed_in(known_to_identity, begin, scan, come_back):
    back = come_back(scan(begin(redirect="/pc/leads?page=2")))

    assert (back.status_code, back.location) == (302, "/pc/leads?page=2")
    names = [cookie.split("=")[0] for cookie in back.headers.getlist("Set-Cookie")]
    assert names == ["xk_access", "xk_refresh", "xk_login"]


def test_a_program_is_given_the_token_itself(known_to_identity, begin, scan, come_back):
    back = come_back(scan(begin()), **JSON)

    assert back.status_code == 200
    assert set(back.json) == {"access_token", "token_type", "expires_in"}
    assert (back.json["token_type"], back.json["expires_in"]) == ("Bearer", 300)


def test_the_case_of_a_user_id_does_not_matter(known_to_identity, begin, scan, come_back):
    assert come_back(scan(begin(), "wangfang"), **JSON).status_code == 200


def test_a_code_is_good_once(known_to_identity, begin, scan, come_back):
    scanned = scan(begin())
    code = parse_qs(urlsplit(scanned.location).query)["code"][0]
    come_back(scanned)
    second = scan(begin())
    second.location = second.location.replace(
        parse_qs(urlsplit(second.location).query)["code"][0], code
    )

    answer = come_back(second, **JSON)

    assert (answer.status_code, answer.json["code"]) == (410, "login-lapsed")


def test_a_state_is_good_once(known_to_identity, browser, begin, scan, come_back):
    state = begin()
    first, second = scan(state), scan(state)
    come_back(first)
    browser.set_cookie("xk_login", state, path=LOGIN)

    answer = come_back(second, **JSON)

    assert (answer.status_code, answer.json["code"]) == (410, "login-lapsed")


def test_an_answer_belongs_to_the_browser_that_asked(sandbox, begin, scan, come_back):
    somebody_else = sandbox.test_client()

    answer = come_back(scan(begin()), browser=somebody_else, **JSON)

    assert (answer.status_code, answer.json["code"]) == (403, "login-elsewhere")


def test_a_callback_out_of_nowhere_is_refused(browser):
    answer = browser.get(f"{LOGIN}/callback?code=x&state=", headers=JSON)

    assert answer.status_code == 410


def test_who_is_not_let_in_is_told_what_to_do(begin, scan, come_back):
    page = come_back(scan(begin()))

    assert page.status_code == 403
    assert page.mimetype == "text/html"
    assert "请联系企业管理员" in page.text


def test_a_program_that_is_not_let_in_reads_why(begin, scan, come_back):
    answer = come_back(scan(begin()), **JSON)

    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.json["code"]) == (403, "not-in-visible-range")
    assert answer.json["request_id"]


def test_without_identity_the_login_can_be_tried_again(make_sandbox, begin, corp_id):
    browser = make_sandbox(XIAOKE_IDENTITY_URL="http://127.0.0.1:1").test_client()
    state = begin(browser)
    form = {"corp_id": corp_id, "userid": "WangFang", "state": state}
    back = urlsplit(browser.post("/scan", data=form).location)

    answer = browser.get(f"{back.path}?{back.query}", headers=JSON)

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("userid", ["nobody", ""])
def test_only_people_of_the_demo_are_scanned(begin, scan, userid):
    assert scan(begin(), userid).status_code == 404


def test_a_scan_without_a_login_is_refused(browser, scan):
    assert scan("made up").status_code == 410
    assert browser.get("/scan?state=made-up").status_code == 410


def test_a_scan_leads_to_the_gateway_only(browser, begin, scan):
    elsewhere = "https://evil.example/api/v1/wecom/login/callback"
    state = begin()

    assert scan(state, redirect_uri=elsewhere).status_code == 400
    page = browser.get("/scan", query_string={"state": state, "redirect_uri": elsewhere})
    assert page.status_code == 400


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "pc/leads",
        "/pc/\r\nSet-Cookie: x=1",
        "",
        "/" + "a" * 3000,
    ],
)
def test_a_login_leads_to_our_own_pages_only(known_to_identity, begin, scan, come_back, redirect):
    back = come_back(scan(begin(redirect=redirect)))

    assert (back.status_code, back.location) == (302, "/pc/")


def test_phones_begin_at_their_own_client(known_to_identity, begin, scan, come_back):
    assert come_back(scan(begin(client="mobile", redirect=""))).location == "/m/"


def test_a_page_that_is_not_there_says_so_in_chinese(browser):
    page = browser.get(f"{LOGIN}/nowhere")

    assert page.status_code == 404
    assert "没有这个页面" in page.text


def test_a_ticket_is_good_for_its_time():
    moment = 0.0
    tickets = Tickets(lasts=600, clock=lambda: moment)
    ticket = tickets.issue("written")

    moment = 599
    assert tickets.look_at(ticket) == "written"
    moment = 600
    assert tickets.take(ticket) is None
