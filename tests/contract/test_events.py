"""Events hold producers and consumers to the same file, and a file to what it once promised."""

import json
import subprocess
from importlib import import_module

import jsonschema
import marshmallow
import pytest
from places import ROOT, SERVICES

from chassis import copies
from chassis.published import schema_of

FOLDER = ROOT / "api/events"
TOPICS = sorted(path.stem for path in FOLDER.glob("*.v*.json"))
KNOWN = [import_module(f"{name.replace('-', '_')}.app").service for name in SERVICES]
ANNOUNCED = [(service, kind) for service in KNOWN for kind in service.announces]
HEARD = [
    (service, subscription)
    for service in KNOWN
    for topic, subscription in service.subscriptions.items()
    if not copies.is_end(topic)
]
CHECKED = jsonschema.Draft202012Validator.FORMAT_CHECKER


def _file(topic):
    return json.loads((FOLDER / f"{topic}.json").read_text(encoding="utf-8"))


def _of_service(row):
    return f"{row[0].name}-{row[1].topic}"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_file_is_a_schema_and_has_an_example_that_fits(topic):
    described = _file(topic)

    jsonschema.Draft202012Validator.check_schema(described)
    assert described["examples"]
    for example in described["examples"]:
        jsonschema.validate(
            example, described, jsonschema.Draft202012Validator, format_checker=CHECKED
        )


@pytest.mark.parametrize("row", ANNOUNCED, ids=map(_of_service, ANNOUNCED))
def test_what_a_service_announces_is_what_its_file_says(row):
    service, kind = row

    assert schema_of(kind, service.name) == {
        name: value for name, value in _file(kind.topic).items() if name != "examples"
    }


@pytest.mark.parametrize("row", HEARD, ids=map(_of_service, HEARD))
def test_a_consumer_reads_every_published_example(row):
    _, subscription = row
    examples = _file(subscription.topic)["examples"]

    for example in examples:
        assert subscription.needs().load(example).keys() <= example.keys()


@pytest.mark.parametrize("row", HEARD, ids=map(_of_service, HEARD))
def test_a_consumer_needs_nothing_that_its_producer_may_leave_out(row):
    _, subscription = row

    assert _missing(subscription.needs(), _file(subscription.topic)) == []


def _missing(needs, described, path=""):
    """Required fields of a consumer that a file does not promise, by their path."""
    found = []
    for name, field in needs.fields.items():
        if field.required and name not in described["required"]:
            found.append(path + name)
        inner = field.inner if isinstance(field, marshmallow.fields.List) else field
        shape = described["properties"].get(name, {})
        shape = shape.get("items", shape)
        if isinstance(inner, marshmallow.fields.Nested):
            found += _missing(inner.schema, shape, f"{path}{name}.")
    return found


def test_nobody_announces_what_nobody_hears():
    # The broker would return it, and the relay keep it, for ever.
    heard = {subscription.topic for _, subscription in HEARD}

    assert {kind.topic for _, kind in ANNOUNCED} <= heard


def test_nobody_hears_what_nobody_announces():
    assert {subscription.topic for _, subscription in HEARD} <= set(TOPICS)


def test_only_its_owner_announces_a_topic():
    topics = [kind.topic for _, kind in ANNOUNCED]

    assert len(topics) == len(set(topics))


def _committed(path):
    """Every version of a file that git knows, and nothing in a checkout without history."""
    name = str(path.relative_to(ROOT))
    listed = subprocess.run(
        ["git", "log", "--format=%H", "--diff-filter=AM", "--", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return [
        json.loads(subprocess.check_output(["git", "show", f"{commit}:{name}"], cwd=ROOT))
        for commit in listed.stdout.split()
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_file_keeps_what_it_once_promised(topic):
    now = _file(topic)

    for before in _committed(FOLDER / f"{topic}.json"):
        assert _broken(before, now) == []
        assert _fits(before["examples"], now)


def test_a_broken_promise_is_seen():
    before = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "array", "items": {"enum": ["x", "y"]}},
        },
    }
    dropped = {**before, "required": ["a"]}
    retyped = {**before, "properties": {**before["properties"], "a": {"type": "integer"}}}
    more = {
        "type": "object",
        "required": ["a", "b", "c"],
        "properties": {**before["properties"], "c": {"type": "string"}},
    }

    assert _broken(before, before) == _broken(before, more) == []
    assert _broken(before, dropped) == ["b is no longer promised"]
    assert _broken(before, retyped) == ["a has changed"]


def _broken(before, now, path=""):
    """What a newer shape of an object takes back: a promised field, or the form of a field."""
    found = [
        f"{path}{name} is no longer promised"
        for name in before["required"]
        if name not in now["required"]
    ]
    for name, shape in before["properties"].items():
        later = now["properties"].get(name)
        if later is not None and "properties" in shape and "properties" in later:
            found += _broken(shape, later, f"{path}{name}.")
        elif later is not None and later != shape:
            found.append(f"{path}{name} has changed")
    return found


def _fits(examples, now):
    """Whether examples of an older file are still readable: what was added since is left out."""
    lenient = _without_required(now)
    checker = jsonschema.Draft202012Validator(lenient, format_checker=CHECKED)
    return all(checker.is_valid(example) for example in examples)


def _without_required(shape):
    if isinstance(shape, dict):
        return {k: _without_required(v) for k, v in shape.items() if k != "required"}
    return [_without_required(one) for one in shape] if isinstance(shape, list) else shape
