import subprocess
import sys

import pytest

import service


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A folder with what the script reads of the repository, to write into."""
    exemplar = tmp_path / "services/leads/leads/migrations"
    exemplar.mkdir(parents=True)
    for file in ("env.py", "script.py.mako"):
        (exemplar / file).write_text(
            (service.ROOT / "services/leads/leads/migrations" / file).read_text()
        )
    places = tmp_path / "places.py"
    places.write_text('SERVICES = (\n    "identity",\n    "leads",\n)\n')
    monkeypatch.setattr(service, "ROOT", tmp_path)
    monkeypatch.setattr(service, "PLACES", places)
    return tmp_path


def _run(monkeypatch, name):
    monkeypatch.setattr(sys, "argv", ["service.py", name])
    return service.main()


def test_a_new_service_can_be_started_and_says_what_it_can_do(house, monkeypatch):
    assert _run(monkeypatch, "field-visits") == 0

    started = subprocess.run(
        [sys.executable, "-m", "field_visits"],
        cwd=house / "services/field-visits",
        capture_output=True,
        text=True,
    )
    assert "usage: python -m field_visits web | work | migrate" in started.stderr


def test_a_new_service_has_its_place_in_the_stack(house, monkeypatch):
    _run(monkeypatch, "field-visits")

    assert (house / "places.py").read_text().count('"field-visits",') == 1
    assert (house / "places.py").read_text().endswith('"field-visits",\n)\n')


@pytest.mark.parametrize("name", ["Leads", "../x", "leads", ""])
def test_a_name_that_will_not_do_writes_nothing(house, monkeypatch, capsys, name):
    before = (house / "places.py").read_text()

    assert _run(monkeypatch, name) != 0
    assert capsys.readouterr().err
    assert (house / "places.py").read_text() == before
