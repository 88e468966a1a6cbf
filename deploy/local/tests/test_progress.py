import sys

import pytest

from stack.accounts import run_as
from stack.progress import Failed, step, tell_failure
from stack.services import digest


def test_a_step_says_what_it_does_and_how_long_it_took(capsys):
    with step("laying bricks"):
        pass

    said = capsys.readouterr().out
    assert "laying bricks" in said
    assert said.endswith(" s\n")


def test_a_failure_is_told_with_its_step_and_the_end_of_its_log(tmp_path, capsys):
    log = tmp_path / "bricks.log"
    log.write_text("\n".join(["long ago", *(f"line {n}" for n in range(40))]))

    with pytest.raises(Failed) as failed, step("laying bricks"):
        raise Failed("no mortar", log)
    tell_failure(failed.value)

    told = capsys.readouterr().err
    assert "laying bricks / no mortar" in told
    assert "line 39" in told
    assert "long ago" not in told


def test_what_a_failed_command_printed_is_in_its_log(tmp_path):
    log = tmp_path / "command.log"
    code = "import sys; print('printed'); print('complained', file=sys.stderr); sys.exit(3)"

    with pytest.raises(Failed, match="ended with 3"):
        run_as(None, [sys.executable, "-c", code], log=log, environment={}, folder=tmp_path)

    assert {"printed", "complained"} <= set(log.read_text().split())


def test_a_digest_follows_contents_and_names_but_not_compiled_code(tmp_path):
    (tmp_path / "models.py").write_text("one")
    before = digest(tmp_path)

    (tmp_path / "models.pyc").write_text("compiled")
    assert digest(tmp_path) == before

    (tmp_path / "models.py").write_text("two")
    changed = digest(tmp_path)
    assert changed != before

    (tmp_path / "models.py").rename(tmp_path / "nouns.py")
    assert digest(tmp_path) != changed
