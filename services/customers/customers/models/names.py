"""Company names and numbers as they are compared (rules 3): pure functions over text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from opencc import OpenCC

_TO_SIMPLIFIED = OpenCC("t2s")


def _one_of(words: dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


# What the endings of a company's name say of its legal form; the two words for a limited company
# mean the same in law.
FORMS = {
    "股份有限公司": "joint_stock",
    "股份公司": "joint_stock",
    "有限责任公司": "limited",
    "有限公司": "limited",
    "(有限合伙)": "limited_partnership",
    "有限合伙企业": "limited_partnership",
    "(普通合伙)": "partnership",
    "(特殊普通合伙)": "partnership",
    "普通合伙企业": "partnership",
    "个人独资企业": "sole_proprietorship",
    "总公司": "company",
    "公司": "company",
}
_FORM = _one_of(FORMS)
_ENDS_IN_FORM = re.compile(f"({_FORM})$")
_BRANCH = "分公司|子公司|办事处|代表处|营业部|分行|支行|分店|分部|分院"
_OF_PARENT = re.compile(f"(?P<parent>.+(?:{_FORM}))(?P<branch>.*(?:{_BRANCH}))")
_ALONE = re.compile(f"(?P<parent>.+?)(?P<branch>{_BRANCH})")

_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name taken apart. `strict` is the key; the rest only ever gives a warning.

    `branch` is what follows the legal form of the parent: a branch is a customer of its own.
    """

    strict: str
    core: str
    region: str
    form: str
    branch: str


def strict(written: str) -> str:
    """The name without what a spelling may change: width, brackets, spaces, traditional letters."""
    text = unicodedata.normalize("NFKC", written)
    # Composed again, since a space may have stood between a letter and its accent.
    text = unicodedata.normalize("NFKC", "".join(c for c in text if not _is_space(c)))
    return "".join(map(_simplified, text))


def read(written: str) -> CompanyName:
    """Take a name apart into core, region, legal form and branch."""
    whole = strict(written)
    parent, branch = _parted(whole)
    rest, bracketed = _without_bracketed_regions(parent)
    ending = _ENDS_IN_FORM.search(rest)
    form, rest = (FORMS[ending[0]], rest[: ending.start()]) if ending else ("", rest)
    place = _leading_place(rest)
    # A company may be called like the place where it is, and like nothing else.
    if place is not None and _core(rest[len(place.written) :]):
        bracketed, rest = [place.region, *bracketed], rest[len(place.written) :]
    return CompanyName(whole, _core(rest) or whole, "".join(bracketed), form, branch)


def uscc(written: str) -> str:
    """The unified social credit code as it is compared: half-width, upper case, no spaces."""
    text = unicodedata.normalize("NFKC", written)
    return "".join(c for c in text if not _is_space(c)).upper()


def is_uscc(code: str) -> bool:
    """Whether a code has the shape and the check character of GB 32100-2015."""
    if not _USCC.fullmatch(code):
        return False
    total = sum(_DIGITS.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return _DIGITS[-total % 31] == code[17]


def _is_space(character: str) -> bool:
    # Zero-width characters come along when names are copied from web pages.
    return character.isspace() or unicodedata.category(character) == "Cf"


@cache
def _simplified(character: str) -> str:
    """One character in simplified writing; a few come there in two steps.

    Characters are taken one by one: the key of a name must not depend on how it is cut.
    """
    return str(_TO_SIMPLIFIED.convert(_TO_SIMPLIFIED.convert(character)))


def _parted(name: str) -> tuple[str, str]:
    found = _OF_PARENT.fullmatch(name) or _ALONE.fullmatch(name)
    return (found["parent"], found["branch"]) if found else (name, "")


def _without_bracketed_regions(name: str) -> tuple[str, list[str]]:
    """Pull out each bracket that holds a place and nothing else."""
    found: list[str] = []

    def pull(bracket: re.Match[str]) -> str:
        place = _leading_place(bracket[1])
        if place is None or place.written != bracket[1]:
            return bracket[0]
        found.append(place.region)
        return ""

    return re.sub(r"\(([^()]+)\)", pull, name), found


def _core(rest: str) -> str:
    return "".join(c for c in rest if c.isalnum()).casefold()


class _Place(NamedTuple):
    written: str
    region: str


class _Gazetteer(NamedTuple):
    provinces: re.Pattern[str]
    cities: re.Pattern[str]
    short: dict[str, str]
    province_of: dict[str, str]


def _leading_place(name: str) -> _Place | None:
    """The province, city or both that a name begins with; the nearer of them is its region."""
    known = _gazetteer()
    found = [_Place(m[0], m["city"]) for m in [known.cities.match(name)] if m]
    province = known.provinces.match(name)
    if province:
        where = known.short[province[0]]
        found.append(_Place(province[0], where))
        city = known.cities.match(name, province.end())
        if city and known.province_of[city["city"]] == where:
            found.append(_Place(name[: city.end()], city["city"]))
    return max(found, key=lambda place: len(place.written), default=None)


@cache
def _gazetteer() -> _Gazetteer:
    """Read regions.txt, once."""
    short: dict[str, str] = {}
    province_of: dict[str, str] = {}
    text = Path(__file__).with_name("regions.txt").read_text(encoding="utf-8")
    for line in (line for line in text.splitlines() if not line.startswith("#")):
        province, _, cities = line.partition(":")
        name = province.split()[0]
        short |= dict.fromkeys(province.split(), name)
        province_of |= dict.fromkeys(cities.split(), name)
    # 上海市政工程 is about municipal works (市政) in 上海, not about works of state in 上海市.
    city = r"市(?![政场民])"
    provinces = _one_of(short).replace("市", city)
    suffix = f"(?:[\u4e00-\u9fff]{{1,9}}?自治州|地区|盟|州|{city})?"
    return _Gazetteer(
        re.compile(provinces),
        re.compile(f"(?P<city>{_one_of(province_of)}){suffix}"),
        short,
        province_of,
    )
