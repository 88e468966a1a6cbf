"""As whom the programs of the distribution run: never as root."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.progress import Failed


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    uid: int
    gid: int


def account(name: str) -> Account | None:
    """The user that a package has made; None without root, since then it is the caller."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(name)
    return Account(user.pw_uid, user.pw_gid)


def own_folder(path: Path, owner: Account | None) -> Path:
    """A folder that only its owner enters."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if owner is not None:
        os.chown(path, owner.uid, owner.gid)
    return path


def own_file(path: Path, text: str, owner: Account | None, mode: int = 0o600) -> Path:
    """A file that only its owner reads, replaced as a whole."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(text)
    fresh.chmod(mode)
    if owner is not None:
        os.chown(fresh, owner.uid, owner.gid)
    fresh.replace(path)
    return path


def run_as(
    owner: Account | None,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    stdin: Path | None = None,
) -> str:
    """Run a command to its end and return what it printed; raises Failed with its log."""
    with log.open("ab") as errors, (stdin or Path(os.devnull)).open("rb") as given:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
            cwd=folder,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
            check=False,
        )
        errors.write(done.stdout if done.returncode else b"")
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} ended with {done.returncode}", log)
    return done.stdout.decode()
