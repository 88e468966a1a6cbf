"""Sends a spreadsheet of leads row by row through the gateway: the example of an API client."""

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from leads_sheet import NotALeadsSheet, Row, Sheet, read_sheet
from sign_in import NotSignedIn, Person, Token, find_gateway, find_person, sign_in

TIMEOUT = 15
TRY_AGAIN = frozenset((429, 502, 503, 504))
REFUSALS = frozenset((400, 409, 413, 422))
ATTEMPTS = 7
LONGEST_PAUSE = 20.0


class Outcome(StrEnum):
    CREATED = "created"
    ALREADY_THERE = "already there"
    REFUSED = "refused"
    UNANSWERED = "not answered"


@dataclass(frozen=True)
class Verdict:
    """What became of one row, and why where that needs a word."""

    row: Row
    outcome: Outcome
    reason: str = ""

    def __str__(self) -> str:
        whose = self.row.lead.get("company_name") or self.row.lead.get("name", "")
        return f"row {self.row.number:>4}  {self.outcome:<13}  {whose[:24]}  {self.reason}".rstrip()


class Stopped(Exception):
    """Going on makes no sense: the gateway is away, or will not hear this person."""


class Api:
    """The API as one person uses it: signed in again when the token ends, patient when told to."""

    def __init__(self, gateway: str, person: Person) -> None:
        self.gateway = gateway
        self.person = person
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "zh-CN"
        self.token: Token | None = None

    def create_lead(self, lead: dict[str, str], key: str) -> requests.Response:
        """Post one lead, again and again with the same key until there is an answer.

        The key makes that safe: a request whose answer was lost is answered again and not
        carried out again. Raises NotSignedIn, and Stopped when the attempts are used up.
        """
        trouble = ""
        for attempt in range(ATTEMPTS):
            pause = min(2.0**attempt / 2, LONGEST_PAUSE)
            try:
                answer = self._post(lead, key)
            except (requests.ConnectionError, requests.Timeout) as lost:
                trouble = type(lost).__name__
            else:
                if answer.status_code not in TRY_AGAIN:
                    return answer
                trouble = str(answer.status_code)
                pause = pause_asked_for(answer, otherwise=pause)
            if attempt + 1 < ATTEMPTS:
                time.sleep(pause)
        raise Stopped(f"no answer from {self.gateway} after {ATTEMPTS} attempts ({trouble})")

    def _post(self, lead: dict[str, str], key: str) -> requests.Response:
        answer = self._post_once(lead, key)
        if answer.status_code == 401:
            # The token was revoked, or our clock and the server's disagree about its end.
            self.token = None
            answer = self._post_once(lead, key)
        return answer

    def _post_once(self, lead: dict[str, str], key: str) -> requests.Response:
        if self.token is None or self.token.is_ending():
            self.token = sign_in(self.gateway, self.person)
        return self.session.post(
            f"{self.gateway}/api/v1/leads",
            json=lead,
            headers={"Authorization": f"Bearer {self.token.text}", "Idempotency-Key": key},
            timeout=TIMEOUT,
        )


def pause_asked_for(answer: requests.Response, *, otherwise: float) -> float:
    """The seconds of Retry-After, within reason."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else otherwise


def send(sheet: Sheet, api: Api) -> Iterator[Verdict]:
    """Send every row and say what became of it.

    The key of a row comes from what it says, and from how often the rows before it have said the
    same: a file that is sent again, with its refused rows corrected, creates nothing twice.
    Raises what `Api.create_lead` raises.
    """
    said: Counter[str] = Counter()
    for row in sheet.rows:
        lead = row.lead | {"source": "excel"}
        content = hashlib.sha256(json.dumps(lead, sort_keys=True).encode()).hexdigest()[:32]
        said[content] += 1
        answer = api.create_lead(lead, f"{content}-{said[content]}")
        yield judge(row, answer, sheet.headings)


def judge(row: Row, answer: requests.Response, headings: dict[str, str]) -> Verdict:
    """Read an answer as the verdict on its row.

    Raises Stopped for an answer that is about the caller, since every other row would get it too.
    """
    if answer.ok:
        again = answer.headers.get("Idempotent-Replay") == "true"
        return Verdict(row, Outcome.ALREADY_THERE if again else Outcome.CREATED)
    reason = reason_of(answer, headings)
    if answer.status_code in REFUSALS:
        return Verdict(row, Outcome.REFUSED, reason)
    if answer.status_code >= 500:
        return Verdict(row, Outcome.UNANSWERED, reason)
    raise Stopped(f"the gateway will not take leads: {reason}")


def reason_of(answer: requests.Response, headings: dict[str, str]) -> str:
    """What the problem says, field by field under the sheet's own headings."""
    try:
        problem: dict[str, Any] = answer.json()
    except requests.JSONDecodeError:
        return str(answer.status_code)
    named: dict[str, list[str]] = {}
    for fault in problem.get("errors", []):
        field = headings.get(fault["field"], fault["field"])
        named.setdefault(fault["message"], []).append(field)
    # What is said of several fields together names them itself.
    faults = [
        said if len(fields) > 1 or not fields[0] else f"{fields[0]}: {said}"
        for said, fields in named.items()
    ]
    return "；".join(faults) or f"{answer.status_code} {problem.get('detail', '')}".rstrip()


def summary(rows: int, counts: Counter[Outcome]) -> str:
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    if left := rows - counts.total():
        parts.append(f"{left} not sent")
    return f"{rows} rows: {', '.join(parts) or 'nothing to send'}"


def load(path: Path, api: Api, console: Console, *, quiet: bool) -> bool:
    """Send the file with a progress bar; true when every row was answered.

    Raises NotALeadsSheet.
    """
    sheet = read_sheet(path)
    counts: Counter[Outcome] = Counter()
    if not quiet:
        console.print(f"kept in the remark: {', '.join(sheet.noted) or 'no column'}")
        console.print(f"columns not known, left out: {', '.join(sheet.left_out) or 'none'}")
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task(path.name, total=len(sheet.rows))
        try:
            for verdict in send(sheet, api):
                counts[verdict.outcome] += 1
                bar.advance(task)
                if not quiet:
                    console.print(str(verdict))
        except (NotSignedIn, Stopped) as reason:
            console.print(f"stopped: {reason}")
    console.print(summary(len(sheet.rows), counts))
    return counts.total() == len(sheet.rows) and not counts[Outcome.UNANSWERED]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--as", dest="person", metavar="USERID[@CORP]", required=True)
    parser.add_argument("--gateway", help="address of the gateway (default: the local stack's)")
    parser.add_argument("--quiet", action="store_true", help="progress and summary only")
    wanted = parser.parse_args()
    console = Console(markup=False, highlight=False, soft_wrap=True)
    try:
        api = Api(find_gateway(wanted.gateway), find_person(wanted.person))
        answered = load(wanted.file, api, console, quiet=wanted.quiet)
    except (NotALeadsSheet, NotSignedIn) as reason:
        print(f"not loaded: {reason}", file=sys.stderr)
        return 1
    return 0 if answered else 1


if __name__ == "__main__":
    sys.exit(main())
