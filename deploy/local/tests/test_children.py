import json
import os
import signal
import time
from pathlib import Path

import pytest

from stack import children
from stack.children import Child
from stack.progress import Failed


def run_and_wait(a_stack, child: Child) -> children.Record:
    children.start(a_stack, child)
    children.wait_until_ready(a_stack, child)
    record = children.running(a_stack, child.name)
    assert record is not None
    return record


def test_an_ended_child_is_gone_and_forgotten(a_stack, a_child):
    record = run_and_wait(a_stack, a_child())

    ended = children.end(a_stack, ["sleeper"])

    assert ended == ["sleeper"]
    assert not record.alive
    assert children.names(a_stack) == []


def test_a_recycled_pid_is_not_killed(a_stack, a_child, a_stranger):
    run_and_wait(a_stack, a_child())
    children.end(a_stack, ["sleeper"])
    remembered = {"fingerprint": "", "stop": signal.SIGTERM, "folder": str(a_stack.checkout)}
    (a_stack.run / "sleeper.json").write_text(
        json.dumps(remembered | {"pid": a_stranger.pid, "started": "an earlier boot 1"})
    )

    ended = children.end(a_stack, ["sleeper"])

    assert ended == []
    assert a_stranger.poll() is None


def test_a_child_leads_a_session_of_its_own(a_stack, a_child):
    record = run_and_wait(a_stack, a_child())

    assert os.getsid(record.pid) == record.pid != os.getsid(0)


def test_a_child_that_does_not_listen_is_killed(a_stack, a_child, tmp_path, monkeypatch):
    monkeypatch.setattr(children, "ENDED_WITHIN", 0.2)
    deaf = tmp_path / "deaf"
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(deaf)!r}, 'w').close(); time.sleep(60)"
    )
    record = run_and_wait(a_stack, a_child(code, ready=deaf.exists))

    children.end(a_stack, ["sleeper"])

    assert not record.alive


def test_a_frozen_child_is_ended_without_waiting_for_the_deadline(a_stack, a_child, monkeypatch):
    monkeypatch.setattr(children, "_kill", lambda pids: pids and pytest.fail("killed"))
    record = run_and_wait(a_stack, a_child())
    os.kill(record.pid, signal.SIGSTOP)

    children.end(a_stack, ["sleeper"])

    assert not record.alive


def test_what_a_killed_child_left_behind_is_ended_before_the_next_start(a_stack, a_child, tmp_path):
    left = tmp_path / "left"
    code = (
        "import os, time; worker = os.fork() or time.sleep(60);"
        f"open({str(left)!r}, 'w').write(str(worker)); time.sleep(60)"
    )
    record = run_and_wait(a_stack, a_child(code, ready=left.exists))
    orphan = next(pid for pid in children.family(record.pid) if pid != record.pid)
    os.kill(record.pid, signal.SIGKILL)

    children.start(a_stack, a_child())

    assert children.start_of(orphan) is None


def test_a_child_started_from_the_same_settings_stays(a_stack, a_child):
    run_and_wait(a_stack, a_child())

    assert children.as_wanted(a_stack, a_child())
    assert not children.as_wanted(a_stack, a_child(made_of="newer code"))
    assert not children.as_wanted(a_stack, a_child(environment={"PATH": "/bin"}))


def test_a_dead_child_is_not_as_wanted(a_stack, a_child):
    record = run_and_wait(a_stack, a_child())

    os.kill(record.pid, signal.SIGKILL)
    children.end(a_stack, ["sleeper"])

    assert not children.as_wanted(a_stack, a_child())


def test_a_port_in_use_is_named_with_its_holder(a_stack, a_child, a_taken_port):
    with pytest.raises(Failed) as refused:
        children.start(a_stack, a_child(ports=(a_taken_port,)))

    assert f"port {a_taken_port}" in refused.value.reason
    assert f"process {os.getpid()}" in refused.value.reason
    assert children.names(a_stack) == []


def test_a_child_that_ends_before_it_is_ready_fails_with_its_log(a_stack, a_child):
    dying = a_child("print('no such database'); raise SystemExit(3)", ready=lambda: False)
    children.start(a_stack, dying)

    with pytest.raises(Failed) as failed:
        children.wait_until_ready(a_stack, dying)

    assert failed.value.log is not None
    assert "no such database" in failed.value.log.read_text()


def test_a_child_that_is_never_ready_fails_in_time(a_stack, a_child, monkeypatch):
    monkeypatch.setattr(children, "READY_WITHIN", 0.1)
    children.start(a_stack, a_child())

    with pytest.raises(Failed, match="not ready within"):
        children.wait_until_ready(a_stack, a_child(ready=lambda: False))


def test_the_memory_of_a_child_counts_its_descendants(a_stack, a_child, tmp_path):
    grown = tmp_path / "grown"
    code = (
        "import os, time; pid = os.fork(); held = bytearray(30_000_000) if pid == 0 else None;"
        f"pid or open({str(grown)!r}, 'w').close(); time.sleep(60)"
    )
    record = run_and_wait(a_stack, a_child(code, ready=grown.exists))

    assert children.memory(record.pid) > 30_000_000


def test_a_child_lives_for_as_long_as_one_of_its_threads(a_stack, a_child):
    code = (
        "import ctypes, threading, time;"
        "threading.Thread(target=time.sleep, args=(60,)).start();"
        "ctypes.CDLL(None).pthread_exit(0)"
    )
    record = run_and_wait(a_stack, a_child(code))
    stat = Path(f"/proc/{record.pid}/stat")
    deadline = time.monotonic() + 10
    while ") Z " not in stat.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)

    assert ") Z " in stat.read_text()
    assert record.alive
