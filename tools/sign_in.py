"""Signs a person in through the gateway, as their browser would, and prints an access token."""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

STACK = Path(__file__).parents[1] / ".local" / "stack.json"
TIMEOUT = 10
# A token is renewed this long before it ends, so that it does not end on its way.
MARGIN = 30


class NotSignedIn(Exception):
    """The reason, in one line for the person who asked."""


@dataclass(frozen=True)
class Person:
    userid: str
    corp_id: str


@dataclass(frozen=True)
class Token:
    """An access token, and when to stop using it by this process's monotonic clock."""

    text: str
    ends_at: float

    def is_ending(self) -> bool:
        return time.monotonic() > self.ends_at - MARGIN


def read_stack() -> dict[str, Any]:
    """What the running stack says of itself: addresses, tenants, people."""
    try:
        stack: dict[str, Any] = json.loads(STACK.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotSignedIn("the stack is not running: there is no .local/stack.json") from None
    return stack


def find_gateway(given: str | None) -> str:
    """The address asked for, or the local stack's."""
    return (given or str(read_stack()["gateway"])).rstrip("/")


def find_person(named: str) -> Person:
    """Read USERID or USERID@CORP; without a corp the first tenant of the local stack is meant."""
    userid, _, corp_id = named.partition("@")
    return Person(userid, corp_id or str(read_stack()["tenants"][0]["corp_id"]))


def sign_in(gateway: str, person: Person) -> Token:
    """Walk the login of a browser: ask the gateway, be scanned, bring the code back.

    The session keeps the cookie that ties the answer to this login. Asked for JSON, the last
    step answers with the token itself; a browser is given cookies there.

    Raises NotSignedIn.
    """
    with requests.Session() as browser:
        try:
            scan_page = _ask_to_log_in(browser, gateway)
            callback = _be_scanned(browser, scan_page, person)
            answer = browser.get(
                callback,
                headers={"Accept": "application/json"},
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        except requests.RequestException as trouble:
            where = trouble.request.url if trouble.request is not None else gateway
            address = urlsplit(str(where)).netloc
            raise NotSignedIn(f"the stack is not running: no answer from {address}") from None
    if answer.status_code != 200:
        raise NotSignedIn(f"the gateway refused the login: {_reason(answer)}")
    granted = answer.json()
    return Token(granted["access_token"], time.monotonic() + granted["expires_in"])


def _ask_to_log_in(browser: requests.Session, gateway: str) -> str:
    answer = browser.get(
        f"{gateway}/api/v1/wecom/login",
        params={"client": "pc", "redirect": "/"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    if not answer.is_redirect:
        raise NotSignedIn(f"the gateway offers no login: {_reason(answer)}")
    return urljoin(answer.url, answer.headers["Location"])


def _be_scanned(browser: requests.Session, scan_page: str, person: Person) -> str:
    """Choose the person on the scan page; the answer leads back to the gateway."""
    state = parse_qs(urlsplit(scan_page).query).get("state", [""])[0]
    answer = browser.post(
        urljoin(scan_page, "/scan"),
        data={"corp_id": person.corp_id, "userid": person.userid, "state": state},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    if answer.is_redirect:
        return urljoin(answer.url, answer.headers["Location"])
    if answer.status_code in (400, 404, 422):
        raise NotSignedIn(f"nobody called {person.userid} works at {person.corp_id}")
    raise NotSignedIn(f"the scan page did not answer as it should: {_reason(answer)}")


def _reason(answer: requests.Response) -> str:
    """What a problem says of itself, or at least its status."""
    try:
        problem = answer.json()
    except requests.JSONDecodeError:
        return str(answer.status_code)
    detail = problem.get("detail") or problem.get("title") if isinstance(problem, dict) else None
    return f"{answer.status_code} {detail}" if detail else str(answer.status_code)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("person", metavar="USERID[@CORP]")
    parser.add_argument("--gateway", help="address of the gateway (default: the local stack's)")
    wanted = parser.parse_args()
    try:
        token = sign_in(find_gateway(wanted.gateway), find_person(wanted.person))
    except NotSignedIn as reason:
        print(f"no token: {reason}", file=sys.stderr)
        return 1
    print(token.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
