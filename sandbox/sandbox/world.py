"""What the pages share: who can be scanned, whom to ask for a session, and what was given out."""

from dataclasses import dataclass, field

from flask import current_app

from chassis.http import Sibling
from sandbox.companies import Company
from sandbox.settings import Settings
from sandbox.tickets import Tickets

# WeCom's codes last five minutes.
CODE_LASTS = 300
STATE_LASTS = 600


@dataclass(frozen=True, slots=True)
class Login:
    """A login that a browser began, and the page it leads to in the end."""

    redirect: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """Whom WeCom names when it is shown a code."""

    corp_id: str
    userid: str


@dataclass(frozen=True)
class World:
    settings: Settings
    companies: tuple[Company, ...]
    identity: Sibling
    logins: Tickets[Login] = field(default_factory=lambda: Tickets(lasts=STATE_LASTS))
    codes: Tickets[Scanned] = field(default_factory=lambda: Tickets(lasts=CODE_LASTS))


def world() -> World:
    """The world of the request at hand."""
    found: World = current_app.extensions["world"]
    return found
