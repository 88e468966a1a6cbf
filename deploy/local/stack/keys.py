"""The secrets of one stack: random, made once, each in a file that only its owner reads."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stack.accounts import own_file, own_folder
from stack.places import Stack


def once(stack: Stack, name: str, make: Callable[[], str]) -> str:
    """The secret of this name, made when it is asked for the first time."""
    path = stack.secrets / name
    if not path.exists():
        written(stack, name, make())
    return path.read_text().strip()


def written(stack: Stack, name: str, value: str) -> Path:
    """The file of a secret that is put together from others."""
    path = stack.secrets / name
    own_folder(path.parent, None)
    if not path.exists() or path.read_text() != f"{value}\n":
        own_file(path, f"{value}\n", None)
    return path


def password(stack: Stack, name: str) -> str:
    return once(stack, name, lambda: secrets.token_urlsafe(24))


def encryption_key(stack: Stack, name: str) -> Path:
    once(stack, name, lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    return stack.secrets / name


def service_key(stack: Stack, service: str) -> Path:
    """The key with which a service shows its siblings who it is."""
    name = f"{service}/service_key"
    once(stack, name, lambda: _unpadded(Ed25519PrivateKey.generate().private_bytes_raw()))
    return stack.secrets / name


def service_public_key(stack: Stack, service: str) -> str:
    raw = base64.urlsafe_b64decode(service_key(stack, service).read_text().strip() + "=")
    return _unpadded(Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
