"""Who is calling: permissions, the actor of a transaction, and the tokens that prove it."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal
from uuid import UUID

import jwt
from cachetools import LRUCache
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.errors import NotAllowed, SignInNeeded, Unavailable

# On whose behalf something happens that no person asked for.
SYSTEM = UUID(int=0)
# Where a tenant has not said otherwise, or is not known here yet (decision 17).
USUAL_TIME_ZONE = "Asia/Shanghai"

Scope = Literal["own", "team", "dept", "dept_tree", "all"]
SCOPES: tuple[Scope, ...] = ("own", "team", "dept", "dept_tree", "all")

ISSUER = "xiaoke-identity"
AUDIENCE = "xiaoke-api"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type (RFC 9068)
SERVICE_TOKEN_TYPE = "service+jwt"  # noqa: S105
LEEWAY = 30
ASK_AGAIN_AFTER = 30.0
_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "tid", "sid"]


@dataclass(frozen=True, slots=True)
class Permission:
    """A key that a route asks for; `roles` is what each seeded role holds of it at first."""

    key: str
    zh: str
    en: str
    roles: Mapping[str, Scope] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission carries one person: everything that any of its scopes covers."""

    tenant_id: UUID
    person_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf a transaction runs, as the service's own replica of people knows them."""

    tenant_id: UUID
    person_id: UUID
    session_id: UUID
    name: str
    time_zone: str
    permissions: Mapping[str, frozenset[str]]

    @classmethod
    def system(
        cls, tenant_id: UUID, time_zone: str | None, *, on_behalf_of: UUID | None = None
    ) -> "Actor":
        """The product itself, perhaps on behalf of a person: it may do what its caller wrote."""
        person = SYSTEM if on_behalf_of is None else on_behalf_of
        return cls(tenant_id, person, SYSTEM, "", time_zone or USUAL_TIME_ZONE, {})

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def scope(self, permission: str) -> Reach:
        """How far `permission` carries; a person without it reaches nothing."""
        scopes = self.permissions.get(permission, frozenset())
        return Reach(self.tenant_id, self.person_id, scopes)

    def require(self, permission: str) -> None:
        """Raises NotAllowed where the person lacks the permission."""
        if permission not in self.permissions:
            raise NotAllowed(permission)


def merge(granted: Iterable[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """What several roles and special grants give together: per key, all of their scopes."""
    merged: dict[str, set[str]] = {}
    for permissions in granted:
        for key, scope in permissions.items():
            merged.setdefault(key, set()).add(scope)
    return {key: frozenset({"all"} if "all" in s else s) for key, s in merged.items()}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified access token says, and nothing more."""

    tenant_id: UUID
    person_id: UUID
    session_id: UUID
    expires_at: float


class KeySet:
    """The public keys of identity: in memory, else the last good ones, else asked for.

    An unknown key id asks again at most once in 30 s, so that forged ids cost nothing.
    """

    def __init__(
        self,
        fetch: Callable[[], Mapping[str, bytes]],
        recall: Callable[[], Mapping[str, bytes]] = dict,
        keep: Callable[[Mapping[str, bytes]], None] = lambda _keys: None,
    ) -> None:
        self._fetch, self._recall, self._keep = fetch, recall, keep
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._asked = -ASK_AGAIN_AFTER
        self._lock = threading.Lock()

    def key(self, kid: str) -> Ed25519PublicKey | None:
        """The key with this id, or None; raises Unavailable while no key at all is known."""
        if kid not in self._keys:
            with self._lock:
                self._refresh(kid)
        if not self._keys:
            raise Unavailable("no signing keys")
        return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        if kid in self._keys or monotonic() - self._asked < ASK_AGAIN_AFTER:
            return
        self._asked = monotonic()
        try:
            keys = self._fetch()
            self._keep(keys)
        except Unavailable:
            if self._keys:
                return
            keys = self._recall()
            if not keys:
                # Nothing to go on with: the next request may ask at once.
                self._asked = -ASK_AGAIN_AFTER
        self._keys = {k: Ed25519PublicKey.from_public_bytes(v) for k, v in keys.items()}


class TokenCheck:
    """Verifies access tokens; a signature that was seen good is not computed again."""

    def __init__(self, keys: KeySet, now: Callable[[], datetime] | None = None) -> None:
        self._keys = keys
        self._now = now or (lambda: datetime.now(UTC))
        self._seen: LRUCache[str, Identity] = LRUCache(4096)
        self._lock = threading.Lock()

    def __call__(self, token: str) -> Identity:
        """Raises SignInNeeded for anything but a valid token of ours, Unavailable without keys."""
        with self._lock:
            identity = self._seen.get(token)
        if identity is None:
            identity = self._verify(token)
            with self._lock:
                self._seen[token] = identity
        if identity.expires_at + LEEWAY <= self._now().timestamp():
            raise SignInNeeded("expired")
        return identity

    def _verify(self, token: str) -> Identity:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TOKEN_TYPE or set(header) != {"typ", "alg", "kid"}:
                raise SignInNeeded("not an access token")
            key = self._keys.key(str(header["kid"]))
            if key is None:
                raise SignInNeeded("unknown key")
            claims = _claims(token, key, AUDIENCE, ISSUER, _CLAIMS)
            return Identity(
                tenant_id=UUID(claims["tid"]),
                person_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                expires_at=float(claims["exp"]),
            )
        except (jwt.InvalidTokenError, InvalidKey, ValueError, TypeError, AttributeError) as error:
            raise SignInNeeded("forged or broken") from error


def check_service_token(token: str, callee: str, callers: Mapping[str, bytes]) -> str:
    """Which sibling calls, by its token for `callee`; raises SignInNeeded for any other token."""
    try:
        header = jwt.get_unverified_header(token)
        caller = str(header.get("kid"))
        if header.get("typ") != SERVICE_TOKEN_TYPE or caller not in callers:
            raise SignInNeeded("not a service token")
        key = Ed25519PublicKey.from_public_bytes(callers[caller])
        claims = _claims(
            token, key, callee, f"service:{caller}", ["exp", "iat", "iss", "aud", "sub"]
        )
    except (jwt.InvalidTokenError, InvalidKey, ValueError, TypeError, AttributeError) as error:
        raise SignInNeeded("forged or broken") from error
    if claims["sub"] != f"service:{caller}" or claims["exp"] - claims["iat"] > 60:
        raise SignInNeeded("not a service token")
    return caller


def _claims(
    token: str, key: Ed25519PublicKey, audience: str, issuer: str, require: list[str]
) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience=audience,
        issuer=issuer,
        leeway=LEEWAY,
        options={"require": require, "strict_aud": True},
    )
