"""How people come to be signed in, stay so, and stop. They are not yet, or no longer, actors."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.errors import SignInNeeded
from identity.models import (
    ACCESS_LIFE,
    REST,
    REVOKED_FOR,
    Ending,
    NotInVisibleRange,
    Person,
    RefreshToken,
    SignIn,
    Tenant,
)
from identity.usecases.replica import hold_organisation, tell_replica
from identity.usecases.signing import access_token


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody is given who signed in: two tokens, and how long each lasts, in seconds."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the type of a token, not one


def open_sign_in(
    session: Session,
    *,
    tenant_id: UUID,
    userid: str,
    device: str | None,
    sealing_key: bytes,
    now: datetime,
) -> Grant:
    """Sign in a person whom WeCom has vouched for.

    Raises NotInVisibleRange for somebody whom their company has not let in (PLAT-03).
    """
    person = session.scalar(
        _welcome(tenant_id).where(func.lower(Person.userid) == func.lower(userid))
    )
    if person is None:
        raise NotInVisibleRange
    token = RefreshToken.fresh()
    sign_in = SignIn(
        person_id=person.id,
        device=device,
        family_hash=token.family_hash,
        refresh_hash=token.hash,
        opened_at=now,
        last_seen_at=now,
        expires_at=now + REST,
    )
    session.add(sign_in)
    session.flush()
    return _grant(session, sign_in, token, sealing_key=sealing_key, now=now)


def renew_sign_in(
    session: Session, *, tenant_id: UUID, shown: RefreshToken, sealing_key: bytes, now: datetime
) -> Grant | None:
    """New tokens for a refresh token; None where it is good for nothing (any more).

    A token that was used up before belongs to two holders, one of whom is a thief: the session
    ends for both. That has to be committed, so it is no refusal here.
    """
    sign_in = session.scalar(
        select(SignIn)
        .where(SignIn.tenant_id == tenant_id, SignIn.family_hash == shown.family_hash)
        .with_for_update()
    )
    if sign_in is None or not sign_in.is_open(now=now):
        return None
    if session.scalar(_welcome(tenant_id).where(Person.id == sign_in.person_id)) is None:
        return None
    following = sign_in.rotate(shown, now=now)
    if following is None:
        _end(session, sign_in, because=Ending.TOKEN_REUSED, now=now)
        return None
    return _grant(session, sign_in, following, sealing_key=sealing_key, now=now)


def end_sign_in(session: Session, *, by: Actor, now: datetime) -> SignIn:
    """Sign the actor out of the session they call from; ending it again changes nothing.

    Raises SignInNeeded where there is no such session.
    """
    sign_in = session.scalar(
        select(SignIn)
        .where(
            SignIn.tenant_id == by.tenant_id,
            SignIn.id == by.session_id,
            SignIn.person_id == by.person_id,
        )
        .with_for_update()
    )
    if sign_in is None:
        raise SignInNeeded("no such session")
    if sign_in.ended_at is None:
        _end(session, sign_in, because=Ending.SIGNED_OUT, now=now)
    return sign_in


def _welcome(tenant_id: UUID) -> Select[Person]:
    """The people of a tenant who may be signed in at all."""
    return (
        select(Person)
        .join(Tenant, Tenant.tenant_id == Person.tenant_id)
        .where(
            Person.tenant_id == tenant_id,
            Person.disabled_at.is_(None),
            Tenant.suspended_at.is_(None),
        )
    )


def _end(session: Session, sign_in: SignIn, *, because: Ending, now: datetime) -> None:
    """End a session, and let everybody refuse the access tokens of it that are still alive."""
    tenant = hold_organisation(session, tenant_id=sign_in.tenant_id)
    sign_in.end(because=because, now=now)
    this_one = (Person.tenant_id == sign_in.tenant_id, Person.id == sign_in.person_id)
    # What was read of the person before the turn came may have been changed meanwhile.
    as_they_are = select(Person).where(*this_one).execution_options(populate_existing=True)
    person = session.scalars(as_they_are).one()
    just_ended = (
        select(SignIn.id)
        .where(
            SignIn.tenant_id == sign_in.tenant_id,
            SignIn.person_id == sign_in.person_id,
            SignIn.ended_at > now - REVOKED_FOR,
        )
        .order_by(SignIn.id)
    )
    person.revoked_sessions = list(session.scalars(just_ended))
    tell_replica(session, tenant=tenant, people=[person])


def _grant(
    session: Session, sign_in: SignIn, token: RefreshToken, *, sealing_key: bytes, now: datetime
) -> Grant:
    return Grant(
        access_token=access_token(session, of=sign_in, sealing_key=sealing_key, now=now),
        refresh_token=str(token),
        expires_in=int(ACCESS_LIFE.total_seconds()),
        refresh_expires_in=int((sign_in.expires_at - now).total_seconds()),
    )
