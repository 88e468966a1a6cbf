"""Telephone numbers as people write them, and the one form in which they are compared (rules 2)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

LONGEST = 49
Kind = Literal["mobile", "landline", "service", "other"]

_WRITTEN = re.compile(r"[0-9()\- +]+")
_TRUNK = re.compile(r"(?:\+|00)?86(?=1[3-9]\d{9}$|0\d{9,11}$|[48]00\d{7}$)")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("mobile", re.compile(r"1[3-9]\d{9}")),
    ("service", re.compile(r"[48]00\d{7}")),
    ("landline", re.compile(r"0\d{2,3}\d{7,8}")),
)


class NotAPhone(ValueError):
    """The text has a letter, no digit, or more than 49 characters."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number: as written, as compared, and what kind of line it is."""

    raw: str
    canonical: str
    kind: Kind


def read(written: str) -> Phone:
    """Read a number as a person wrote it (LEAD-04); full-width forms are accepted and kept.

    The country prefix of China is dropped where the rest is a whole Chinese number, so that
    `+86 138-0000-6666` and `13800006666` compare equal. Prefixes are not checked any finer than
    `1[3-9]`: new ranges appear.

    Raises NotAPhone.
    """
    raw = written.strip()
    # Dashes have a dozen code points, and NFKC keeps most of them apart.
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", raw))
    if len(raw) > LONGEST or not _WRITTEN.fullmatch(plain):
        raise NotAPhone(raw)
    digits = re.sub(r"[^0-9]", "", plain)
    if not digits:
        raise NotAPhone(raw)
    sign = "+" if plain.lstrip(" (").startswith("+") else ""
    number = _TRUNK.sub("", sign + digits)
    kind: Kind = next((k for k, shape in _KINDS if shape.fullmatch(number)), "other")
    return Phone(raw=raw, canonical=number, kind=kind)
