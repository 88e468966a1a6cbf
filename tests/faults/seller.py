"""Somebody who sells, and does not give up: the same key until the answer is there."""

import time
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import requests

from sign_in import NotSignedIn, Person, Token, sign_in

LEADS = "/api/v1/leads"
GIVES_UP_AFTER = 30.0
PAUSE = 0.05
TIMEOUT = 10
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that somebody tried to do with a lead, under one key, however often they asked."""

    lead_id: str
    act: Literal["convert", "undo"]
    status: int | None
    tries: int
    is_replay: bool

    @property
    def is_acknowledged(self) -> bool:
        """Whether they were told that it is done."""
        return self.status is not None and self.status < 300


class Seller:
    """A salesperson at the gateway; each thread needs one of its own."""

    def __init__(self, gateway: str, person: Person) -> None:
        self._gateway, self._person = gateway, person
        self._token: Token | None = None
        self._session = requests.Session()

    def __enter__(self) -> "Seller":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def twin(self) -> "Seller":
        """The same person, at another desk."""
        return Seller(self._gateway, self._person)

    def enter(self, company: str | None = None) -> str:
        """Take down a lead that resembles no other, but for the company; returns its id."""
        form = {
            "name": "赵敏",
            "company_name": company or a_company(),
            "wechat": f"w{uuid4().hex[:15]}",
        }
        answer, _ = self._insist(LEADS, form)
        if answer is None or answer.status_code != 201:
            raise AssertionError(f"no lead was entered: {answer and answer.text}")
        return str(answer.json()["id"])

    def convert(self, lead_id: str) -> Attempt:
        """Ask for a customer instead of a lead."""
        return self._attempt(lead_id, "convert", f"{LEADS}/{lead_id}/convert")

    def undo(self, lead_id: str) -> Attempt:
        """Ask for the lead back."""
        return self._attempt(lead_id, "undo", f"{LEADS}/{lead_id}/undo-conversion")

    def _attempt(self, lead_id: str, act: Literal["convert", "undo"], path: str) -> Attempt:
        answer, tries = self._insist(path, {})
        return Attempt(
            lead_id=lead_id,
            act=act,
            status=answer.status_code if answer is not None else None,
            tries=tries,
            is_replay=answer is not None and "Idempotent-Replay" in answer.headers,
        )

    def _insist(self, path: str, form: dict[str, Any]) -> tuple[requests.Response | None, int]:
        """Ask under one key until somebody answers for it; the answer, and how often we asked."""
        key, tries = uuid4().hex, 0
        deadline = time.monotonic() + GIVES_UP_AFTER
        while time.monotonic() < deadline:
            tries += 1
            try:
                answer = self._session.post(
                    self._gateway + path,
                    json=form,
                    headers={
                        "Idempotency-Key": key,
                        "Authorization": f"Bearer {self._signed_in()}",
                    },
                    timeout=TIMEOUT,
                )
            except (requests.RequestException, NotSignedIn):
                answer = None
            if answer is not None and answer.status_code < SERVER_ERROR:
                return answer, tries
            time.sleep(PAUSE)
        return None, tries

    def _signed_in(self) -> str:
        if self._token is None or self._token.is_ending():
            self._token = sign_in(self._gateway, self._person)
        return self._token.text


def a_company() -> str:
    """The name of a company that nobody has heard of."""
    return f"晨光{uuid4().hex}有限公司"
