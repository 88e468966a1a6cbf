"""Who works where in the demo: the people that the scan page offers."""

from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Person:
    userid: str
    name: str
    department: str
    position: str


@dataclass(frozen=True, slots=True)
class Company:
    corp_id: str
    name: str
    people: tuple[Person, ...]

    def employs(self, userid: str) -> bool:
        return any(person.userid.lower() == userid.lower() for person in self.people)


def read_companies(demo: Path) -> tuple[Company, ...]:
    """The companies that demo.json describes."""
    companies = []
    for told in orjson.loads(demo.read_bytes())["tenants"]:
        departments = {d["key"]: d["name"] for d in told["departments"]}
        people = tuple(
            Person(p["userid"], p["name"], departments[p["department"]], p["position"] or "")
            for p in told["people"]
        )
        companies.append(Company(told["corp_id"], told["name"], people))
    return tuple(companies)
