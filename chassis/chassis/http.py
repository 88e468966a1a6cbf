"""Asking a sibling over HTTP: bounded in time, traced, and never while a transaction is open."""

import time
from typing import Any
from uuid import UUID

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import db, observe
from chassis.access import SERVICE_TOKEN_TYPE
from chassis.errors import Unavailable

TIMEOUT = (1.0, 3.0)


class Sibling:
    """Another service, spoken to with our own service token where it wants one."""

    def __init__(self, url: str, *, name: str, me: str = "", key: bytes | None = None) -> None:
        self._url, self._name, self._me = url.rstrip("/"), name, me
        self._key = Ed25519PrivateKey.from_private_bytes(key) if key else None
        self._session = requests.Session()

    def get(self, path: str) -> Any:
        """The JSON at `path`; raises Unavailable where the sibling does not give it."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, json: dict[str, str | UUID] | None = None) -> Any:
        """The JSON of a successful answer; raises Unavailable for every other end."""
        response = self.call(method, path, json)
        if not response.ok:
            raise Unavailable(self._name, response.status_code)
        return response.json()

    def call(self, method: str, path: str, json: Any = None) -> requests.Response:
        """One exchange, whatever its status; raises Unavailable where there was none."""
        if db.is_open():
            raise RuntimeError("a network call inside a transaction")
        headers = {"X-Request-Id": observe.request_id(), "Accept": "application/json"}
        if trace := observe.traceparent():
            headers["traceparent"] = trace
        if self._key:
            headers["Authorization"] = f"Bearer {self._token(self._key)}"
        try:
            return self._session.request(
                method, self._url + path, json=json, headers=headers, timeout=TIMEOUT
            )
        except requests.RequestException as error:
            raise Unavailable(self._name) from error

    def _token(self, key: Ed25519PrivateKey) -> str:
        now = int(time.time())
        subject = f"service:{self._me}"
        claims = {"iss": subject, "sub": subject, "aud": self._name, "iat": now, "exp": now + 60}
        return jwt.encode(
            claims, key, "EdDSA", headers={"typ": SERVICE_TOKEN_TYPE, "kid": self._me}
        )
