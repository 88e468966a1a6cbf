"""Tokens: what is believed, what is not, and what happens when identity is away."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.access import Actor, KeySet, TokenCheck, merge
from chassis.errors import SignInNeeded, Unavailable
from chassis.http import Sibling
from chassis.testing import KID, token_for

WHO = Actor(uuid4(), uuid4(), uuid4(), "某人", "Asia/Shanghai", {})


@pytest.fixture(scope="module")
def key():
    return Ed25519PrivateKey.generate()


def _public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _check(key, **rest):
    return TokenCheck(KeySet(lambda: {KID: _public(key)}), **rest)


def test_a_good_token_says_who_calls(key):
    identity = _check(key)(token_for(WHO, key))

    assert (identity.tenant_id, identity.person_id) == (WHO.tenant_id, WHO.person_id)
    assert identity.session_id == WHO.session_id


def test_a_token_that_was_good_is_refused_once_it_has_expired(key):
    moment = [datetime.now(UTC)]
    check, token = _check(key, now=lambda: moment[0]), token_for(WHO, key)
    check(token)

    moment[0] += timedelta(minutes=6)

    with pytest.raises(SignInNeeded):
        check(token)


def _with_header(token, **changed):
    header, body, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(header + "=="))
    text = json.dumps({k: v for k, v in (known | changed).items() if v is not None})
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{body}.{signature}"


PAST = datetime.now(UTC) - timedelta(hours=1)
FORGERIES = {
    "another key": lambda key: token_for(WHO, Ed25519PrivateKey.generate()),
    "an unknown key id": lambda key: token_for(WHO, key, kid="other"),
    "another audience": lambda key: token_for(WHO, key, aud="leads"),
    "a list of audiences": lambda key: token_for(WHO, key, aud=["xiaoke-api", "x"]),
    "another issuer": lambda key: token_for(WHO, key, iss="me"),
    "expired": lambda key: token_for(WHO, key, exp=PAST),
    "not yet": lambda key: token_for(WHO, key, iat=datetime.now(UTC) + timedelta(hours=1)),
    "no session": lambda key: token_for(WHO, key, sid=None),
    "a person that is no id": lambda key: token_for(WHO, key, sub="1"),
    "a tenant that is no id": lambda key: token_for(WHO, key, tid=7),
    "no type": lambda key: _with_header(token_for(WHO, key), typ=None),
    "another type": lambda key: _with_header(token_for(WHO, key), typ="JWT"),
    "no algorithm": lambda key: _with_header(token_for(WHO, key), alg="none"),
    "a symmetric algorithm": lambda key: jwt.encode(
        {"sub": str(WHO.person_id)}, "x" * 32, "HS256", headers={"typ": "at+jwt", "kid": KID}
    ),
    "a key of its own": lambda key: _with_header(token_for(WHO, key), jwk={"kty": "OKP"}),
    "no key id": lambda key: _with_header(token_for(WHO, key), kid=None),
    "a key id that is no text": lambda key: _with_header(token_for(WHO, key), kid=[KID]),
    "no signature": lambda key: token_for(WHO, key).rsplit(".", 1)[0] + ".",
    "a changed claim": lambda key: token_for(WHO, key).replace(".ey", ".eY", 1),
    "nothing": lambda key: "x",
    "two dots": lambda key: "..",
    "no ASCII": lambda key: "钥.匙.牌",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_refused(key, forge):
    with pytest.raises(SignInNeeded):
        _check(key)(forge(key))


def test_the_last_good_keys_serve_while_identity_is_away(key):
    def away():
        raise Unavailable("identity")

    check = TokenCheck(KeySet(away, recall=lambda: {KID: _public(key)}))

    assert check(token_for(WHO, key)).person_id == WHO.person_id


def test_without_any_key_nobody_is_called_a_forger(key):
    def away():
        raise Unavailable("identity")

    with pytest.raises(Unavailable):
        TokenCheck(KeySet(away))(token_for(WHO, key))


def test_unknown_key_ids_ask_identity_once(key):
    asked = []

    def fetch():
        asked.append(True)
        return {KID: _public(key)}

    check = TokenCheck(KeySet(fetch))
    for n in range(5):
        with pytest.raises(SignInNeeded):
            check(token_for(WHO, key, kid=f"unknown-{n}"))

    assert len(asked) == 1


def test_several_roles_add_up_and_all_swallows_the_rest():
    merged = merge([{"a": "own", "b": "team"}, {"a": "dept", "b": "all"}, {}])

    assert merged == {"a": frozenset({"own", "dept"}), "b": frozenset({"all"})}


@pytest.fixture
def sibling_door(service, database, key):
    from chassis.web import create_app

    app = create_app(
        service, database=database, check=_check(key), callers={"wecom-bridge": _public(key)}
    )
    return app.test_client()


def _service_token(key, me="wecom-bridge", callee="leads"):
    raw = key.private_bytes_raw()
    return Sibling("http://unused", name=callee, me=me, key=raw)._token(key)


def test_a_named_sibling_comes_in_and_nobody_else_does(sibling_door, key):
    path = "/api/v1/tries/internal"

    def asked(token):
        return sibling_door.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert asked(_service_token(key)) == 200
    assert asked(_service_token(key, callee="customers")) == 401
    assert asked(_service_token(key, me="reports")) == 401
    assert asked(_service_token(Ed25519PrivateKey.generate())) == 401
    assert asked(token_for(WHO, key)) == 401
    assert sibling_door.get(path).status_code == 401
