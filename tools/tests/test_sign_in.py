import json
import subprocess
import sys
from pathlib import Path

import pytest

import sign_in
from sign_in import NotSignedIn, Person

TOOLS = Path(sign_in.__file__).parent


def test_the_script_prints_the_token_and_nothing_else(gateway):
    asked = [
        sys.executable,
        str(TOOLS / "sign_in.py"),
        "wangfang@wwchenxi",
        "--gateway",
        gateway.url,
    ]

    ran = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.removesuffix("\n") in gateway.tokens


def test_a_token_is_worn_out_shortly_before_it_ends(gateway):
    person = Person("wangfang", "wwchenxi")
    fresh = sign_in.sign_in(gateway.url, person)
    gateway.expires_in = sign_in.MARGIN

    old = sign_in.sign_in(gateway.url, person)

    assert (fresh.is_ending(), old.is_ending()) == (False, True)


def test_a_person_nobody_knows_is_named(gateway):
    with pytest.raises(NotSignedIn, match="nobody called lisi works at wwchenxi"):
        sign_in.sign_in(gateway.url, Person("lisi", "wwchenxi"))


def test_a_stack_that_is_away_is_one_line(monkeypatch, capsys, gateway):
    gateway.close()
    monkeypatch.setattr(sys, "argv", ["sign_in", "wangfang@wwchenxi", "--gateway", gateway.url])

    code = sign_in.main()

    said = capsys.readouterr()
    address = gateway.url.removeprefix("http://")
    assert (code, said.out) == (1, "")
    assert said.err == f"no token: the stack is not running: no answer from {address}\n"


def test_without_a_stack_file_the_stack_is_not_running(monkeypatch, tmp_path):
    monkeypatch.setattr(sign_in, "STACK", tmp_path / "stack.json")

    with pytest.raises(NotSignedIn, match="the stack is not running"):
        sign_in.find_gateway(None)


def test_the_stack_file_gives_the_gateway_and_the_first_company(monkeypatch, tmp_path):
    stack = tmp_path / "stack.json"
    tenants = [{"corp_id": "wwchenxi"}, {"corp_id": "wwyuanshan"}]
    stack.write_text(json.dumps({"gateway": "http://127.0.0.1:20080/", "tenants": tenants}))
    monkeypatch.setattr(sign_in, "STACK", stack)

    assert sign_in.find_gateway(None) == "http://127.0.0.1:20080"
    assert sign_in.find_person("wangfang") == Person("wangfang", "wwchenxi")
    assert sign_in.find_person("maling@wwyuanshan") == Person("maling", "wwyuanshan")
