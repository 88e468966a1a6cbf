"""Tokens that nobody should believe, shown to every service on its own port."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from chassis.access import AUDIENCE, ISSUER, SERVICE_TOKEN_TYPE, TOKEN_TYPE
from chassis.tables import with_driver
from identity.models import SigningKey
from sign_in import Person, sign_in

DOORS = {
    "identity": "/api/v1/me",
    "leads": "/api/v1/leads",
    "customers": "/api/v1/customers",
}
CLAIMS = ("exp", "iat", "iss", "aud", "sub", "tid", "sid")


@pytest.fixture(scope="module")
def genuine(stack):
    """A token that is believed."""
    return sign_in(stack["gateway"], Person("wangfang", stack["tenants"][0]["corp_id"])).text


@pytest.fixture(scope="module")
def ours(stack, genuine):
    """The key that signed it, as (kid, private key)."""
    secret = Path(stack["test"]["secrets"]["identity/key_secret"]).read_text().strip()
    engine = create_engine(with_driver(stack["databases"]["identity"]))
    with Session(engine) as session:
        current = session.scalars(select(SigningKey).where(SigningKey.retires_at.is_(None))).one()
        key = current.private_key(sealing_key=base64.b64decode(secret))
    engine.dispose()
    return current.kid, key


@pytest.fixture(scope="module")
def forgeries(ours, genuine):
    """Every forgery by what is wrong with it."""
    kid, key = ours
    claims = jwt.decode(genuine, options={"verify_signature": False})
    head = {"typ": TOKEN_TYPE, "kid": kid}
    made = {
        **_wrong_keys(claims, head, key),
        **_wrong_headers(claims, kid, key),
        **_wrong_claims(claims, head, key),
        **_broken(genuine),
    }
    assert len(made) >= 60
    return made


def _signed(claims, head, key, algorithm="EdDSA"):
    return jwt.encode(claims, key, algorithm, headers=head)


def _wrong_keys(claims, head, key):
    public = key.public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    return {
        "somebody else's key": _signed(claims, head, Ed25519PrivateKey.generate()),
        "no signature": _joined(head | {"alg": "none"}, claims, ""),
        "no signature, upper case": _joined(head | {"alg": "NONE"}, claims, ""),
        "the public key as a secret": _hmac(claims, head, public),
        "the public key's text as a secret": _hmac(claims, head, x.encode()),
        "an empty secret": _hmac(claims, head, b""),
        "RS256": _signed(claims, head, rsa_key(65537, 2048), "RS256"),
        "ES256": _signed(claims, head, ec_key(SECP256R1()), "ES256"),
        "a key in its own header": _signed(
            claims,
            head | {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}},
            Ed25519PrivateKey.generate(),
        ),
    }


def _wrong_headers(claims, kid, key):
    head = {"typ": TOKEN_TYPE, "kid": kid}
    made = {
        f"typ {typ!r}": _signed(claims, {"typ": typ, "kid": kid}, key)
        for typ in ("JWT", "jwt", SERVICE_TOKEN_TYPE, "rt+jwt", "AT+JWT ", "")
    }
    made |= {
        f"kid {wrong!r}": _signed(claims, head | {"kid": wrong}, key)
        for wrong in (
            "",
            "unknown",
            "../../etc/passwd",
            "' OR 1=1 --",
            f"{kid} ",
            kid.upper() + "x",
        )
    }
    made |= {
        f"header {name}": _signed(claims, head | {name: value}, key)
        for name, value in {
            "jku": "http://127.0.0.1/keys",
            "x5u": "http://127.0.0.1/cert",
            "x5c": ["MIIB"],
            "crit": ["exp"],
            "cty": "JWT",
        }.items()
    }
    made["no kid"] = jwt.encode(claims, key, "EdDSA", headers={"typ": TOKEN_TYPE})
    return made


def _wrong_claims(claims, head, key):
    now = datetime.now(UTC)
    day = timedelta(days=1)
    changes = {
        "expired": {"exp": now - timedelta(minutes=2), "iat": now - timedelta(minutes=7)},
        "expired long ago": {"exp": 0},
        "issued tomorrow": {"iat": now + day, "exp": now + 2 * day},
        "not valid yet": {"nbf": now + day},
        "exp as text": {"exp": "tomorrow"},
        "exp as a list": {"exp": [int(time.time()) + 300]},
        "another issuer": {"iss": "xiaoke"},
        "an issuer that begins alike": {"iss": f"{ISSUER}.evil.example"},
        "another audience": {"aud": "leads"},
        "several audiences": {"aud": [AUDIENCE, "leads"]},
        "an audience that begins alike": {"aud": f"{AUDIENCE}2"},
        "tenant is no id": {"tid": "1"},
        "tenant is null": {"tid": None},
        "tenant is a number": {"tid": 7},
        "tenant is a list": {"tid": [claims["tid"]]},
        "person is no id": {"sub": "admin"},
        "person is a service": {"sub": "service:leads"},
        "session is no id": {"sid": "x"},
        "a person who is not there": {"sub": str(uuid4())},
    }
    made = {what: _signed(claims | change, head, key) for what, change in changes.items()}
    made |= {
        f"without {name}": _signed({k: v for k, v in claims.items() if k != name}, head, key)
        for name in CLAIMS
    }
    return made


def _broken(text):
    head, body, signature = text.split(".")
    other = _part({"sub": str(uuid4()), "tid": str(uuid4()), "aud": AUDIENCE, "exp": 2**40})
    made = {
        "another body under the signature": f"{head}.{other}.{signature}",
        "signature cut short": f"{head}.{body}.{signature[:-2]}",
        "signature doubled": f"{head}.{body}.{signature}{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{text}.{signature}",
        "empty parts": "..",
        "no JSON": f"{head}.bm90IGpzb24.{signature}",
        "a list as body": f"{head}.{_part([])}.{signature}",
        "a nested token": f"{head}.{_part(text)}.{signature}",
        "not base64": f"{head}.%%%.{signature}",
        "nothing": "",
        "very long": f"{head}.{'A' * 4000}.{signature}",
        "a refresh token": f"{'A' * 22}.{'B' * 43}",
    }
    for place in (0, len(signature) // 2):
        other_letter = "A" if signature[place] != "A" else "B"
        made[f"signature changed at {place}"] = (
            f"{head}.{body}.{signature[:place]}{other_letter}{signature[place + 1 :]}"
        )
    return made


def _part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _joined(head, claims, signature):
    return f"{_part(head)}.{_part(claims)}.{signature}"


def _hmac(claims, head, secret):
    """HS256 by hand: the library refuses to sign with what looks like a public key."""
    signed = f"{_part(head | {'alg': 'HS256'})}.{_part(claims)}"
    digest = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize("service", DOORS)
def test_no_service_believes_a_forged_token(stack, service, forgeries, genuine):
    address = f"http://127.0.0.1:{stack['test']['ports'][service]}{DOORS[service]}"

    def shown(token):
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(address, headers=headers, timeout=15).status_code

    assert shown(genuine) == 200
    # Who is not in the replica has not arrived yet, for all that a service can tell.
    not_refused = {
        what: status for what, token in forgeries.items() if (status := shown(token)) != 401
    }
    assert not_refused == {"a person who is not there": 503}
    assert shown(genuine) == 200
