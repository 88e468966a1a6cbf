import sys

import pytest
from requests import ConnectionError as ConnectionLost

import load

HEADINGS = ["公司", "联系人", "手机号码（必填）", "跟进人"]
GOOD = ["甲公司", "张三", "138 0000 6666", "小王"]
WRONG = ["乙公司", "李四", "138O0006666", None]
MENDED = ["乙公司", "李四", "13800006666", None]


@pytest.fixture
def run(monkeypatch, capsys, gateway):
    """Run the script on a file as wangfang; gives the exit code and the lines it printed."""

    def run_on(path, *more):
        asked = ["load", str(path), "--as", "wangfang@wwchenxi", "--gateway", gateway.url, *more]
        monkeypatch.setattr(sys, "argv", asked)
        code = load.main()
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run_on


@pytest.fixture
def pauses(monkeypatch):
    """The pauses asked for, none of which is made."""
    made = []
    monkeypatch.setattr(load.time, "sleep", made.append)
    return made


def test_every_row_gets_its_verdict_and_refusals_are_no_failure(run, gateway, a_file):
    code, lines, _ = run(a_file(HEADINGS, GOOD, [], WRONG))

    assert code == 0
    assert lines[0:2] == ["kept in the remark: no column", "columns not known, left out: 跟进人"]
    assert "row    2  created        甲公司" in lines
    assert "row    4  refused        乙公司  手机号码: 号码不能有字母" in lines
    assert lines[-1] == "2 rows: 1 created, 1 refused"
    assert list(gateway.leads.values()) == [
        {
            "company_name": "甲公司",
            "name": "张三",
            "mobile": "138 0000 6666",
            "source": "excel",
        }
    ]


def test_what_is_wrong_with_several_fields_together_is_said_once(run, a_file):
    _, lines, _ = run(a_file(HEADINGS, ["甲公司"]))

    assert "row    2  refused        甲公司  手机、座机至少填写一项" in lines


def test_the_same_file_sent_again_creates_nothing(run, gateway, a_file):
    path = a_file(HEADINGS, GOOD, GOOD)
    run(path)

    code, lines, _ = run(path)

    assert (code, lines[-1]) == (0, "2 rows: 2 already there")
    assert len(gateway.leads) == 2


def test_a_corrected_file_creates_only_what_was_refused_before(run, gateway, a_file):
    run(a_file(HEADINGS, GOOD, WRONG))

    _, lines, _ = run(a_file(["登记表"], HEADINGS, GOOD, MENDED))

    assert lines[-1] == "2 rows: 1 created, 1 already there"


def test_quiet_prints_progress_and_the_summary_only(run, a_file):
    _, lines, _ = run(a_file(HEADINGS, GOOD, WRONG), "--quiet")

    assert [line.split()[0] for line in lines] == ["leads.xlsx", "2"]


def test_reasons_are_asked_for_in_chinese(run, gateway, a_file):
    run(a_file(HEADINGS, GOOD))

    assert gateway.asked[0]["Accept-Language"] == "zh-CN"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_gateway_is_asked_again_after_the_pause_it_asks_for(
    run, gateway, a_file, pauses, status
):
    gateway.answers_first(status, times=2, Retry_After="3")

    code, lines, _ = run(a_file(HEADINGS, GOOD))

    assert (code, lines[-1], pauses) == (0, "1 rows: 1 created", [3, 3])
    assert len({asked["Idempotency-Key"] for asked in gateway.asked}) == 1


def test_no_pause_is_longer_than_the_bound(run, gateway, a_file, pauses):
    gateway.answers_first(503, Retry_After="86400")

    run(a_file(HEADINGS, GOOD))

    assert pauses == [load.LONGEST_PAUSE]


def test_a_gateway_that_stays_away_ends_the_run(run, gateway, a_file, pauses):
    gateway.answers_first(503, times=load.ATTEMPTS)

    code, lines, _ = run(a_file(HEADINGS, GOOD, GOOD))

    assert (code, len(pauses)) == (1, load.ATTEMPTS - 1)
    assert any(line.startswith("stopped: no answer from") for line in lines)
    assert lines[-1] == "2 rows: 2 not sent"


def test_an_answer_lost_on_its_way_is_fetched_again(run, gateway, a_file, pauses, monkeypatch):
    post_once = load.Api._post_once
    lost = []

    def post_with_one_loss(api, lead, key):
        answer = post_once(api, lead, key)
        if not lost:
            lost.append(answer)
            raise ConnectionLost
        return answer

    monkeypatch.setattr(load.Api, "_post_once", post_with_one_loss)

    code, lines, _ = run(a_file(HEADINGS, GOOD))

    assert (code, lines[-1], len(gateway.leads)) == (0, "1 rows: 1 already there", 1)


def test_a_token_about_to_end_is_renewed_for_the_next_row(run, gateway, a_file):
    gateway.expires_in = 20

    _, lines, _ = run(a_file(HEADINGS, GOOD, GOOD))

    assert (lines[-1], gateway.logins) == ("2 rows: 2 created", 2)


def test_a_revoked_token_is_renewed_in_the_middle(run, gateway, a_file):
    gateway.answers_first(401)

    _, lines, _ = run(a_file(HEADINGS, GOOD))

    assert (lines[-1], gateway.logins) == ("1 rows: 1 created", 2)


def test_a_person_without_permission_is_told_once(run, gateway, a_file):
    gateway.answers_first(403)

    code, lines, _ = run(a_file(HEADINGS, GOOD, GOOD))

    assert code == 1
    assert "stopped: the gateway will not take leads: 403 稍后再试" in lines
    assert lines[-1] == "2 rows: 2 not sent"


def test_a_row_on_which_the_server_fails_is_a_failure_and_the_next_is_sent(run, gateway, a_file):
    gateway.answers_first(500)

    code, lines, _ = run(a_file(HEADINGS, GOOD, GOOD))

    assert (code, lines[-1]) == (1, "2 rows: 1 created, 1 not answered")


def test_a_file_that_is_not_there_is_one_line(run, tmp_path):
    code, lines, said = run(tmp_path / "none.xlsx")

    assert (code, lines, said.count("\n")) == (1, [], 1)
    assert said.startswith(f"not loaded: {tmp_path / 'none.xlsx'} cannot be read as a spreadsheet")
