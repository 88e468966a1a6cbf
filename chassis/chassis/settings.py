"""What a process is told by its environment, read once and checked whole at start."""

import dataclasses
import json
import typing
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, ClassVar, TypeVar

from chassis import failpoints

PREFIX = "XIAOKE_"
T = TypeVar("T", bound="Settings")


class BadSettings(Exception):
    """The environment does not describe a process that could run; names every fault at once."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(["the settings are not usable:", *(f"  - {f}" for f in faults)]))
        self.faults = faults


def secret(default: Any = None) -> Any:
    """A setting that may also stand in a file, named by the same name with `_FILE`."""
    return dataclasses.field(default=default, repr=False, metadata={"secret": True})


def liberty(default: Any) -> Any:
    """A setting that only the local stack may use: anywhere else it stops the start."""
    return dataclasses.field(default=default, metadata={"liberty": True})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What every service is told; a service adds its own by subclassing.

    A field without a value here is None; a command names what it cannot do without.
    """

    # What a service cannot run without, besides what every service needs.
    NEEDS: ClassVar[tuple[str, ...]] = ()

    local: bool = False
    bind: str = ""
    port: int | None = None
    private_port: int | None = None
    workers: int = 2
    threads: int = 4
    state_dir: Path | None = None
    public_url: str | None = None
    identity_url: str | None = None
    log_level: str = "info"
    clock_shift: int = liberty(0)
    database_url: str | None = secret()
    owner_database_url: str | None = secret()
    amqp_url: str | None = secret()
    failpoint: str | None = liberty(None)
    service_key: str | None = secret()
    callers: dict[str, str] | None = None

    def address(self) -> str:
        """Where to listen: the local stack never leaves the loopback interface."""
        return self.bind or ("127.0.0.1" if self.local else "0.0.0.0")  # noqa: S104

    def faults(self) -> list[str]:
        """What is wrong between the fields; a subclass adds to its parent's."""
        if self.local and self.address() not in {"127.0.0.1", "::1", "localhost"}:
            return [f"{PREFIX}BIND must be a loopback address while {PREFIX}LOCAL is set"]
        if self.failpoint is not None and not failpoints.exists(self.failpoint):
            return [f"{PREFIX}FAILPOINT is not like publish.after:2, or there is no such point"]
        return []


def read(kind: type[T], environ: Mapping[str, str], needs: Collection[str] = ()) -> T:
    """Read the settings of `kind` from `environ`; raises BadSettings with all faults together.

    `needs` names the fields that the command at hand cannot do without.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(kind)
    local = environ.get(f"{PREFIX}LOCAL", "") == "1"
    for field in dataclasses.fields(kind):
        name = PREFIX + field.name.upper()
        try:
            raw = _raw(name, environ, secret=bool(field.metadata.get("secret")))
            if raw is not None:
                values[field.name] = _parse(hints[field.name], raw)
        except (OSError, ValueError) as error:
            faults.append(f"{name}: {error}")
            continue
        if raw is not None and field.metadata.get("liberty") and not local:
            faults.append(f"{name} is only for the local stack ({PREFIX}LOCAL=1)")
        if field.name in needs and raw is None:
            faults.append(f"{name} is missing")
    if not faults:
        settings = kind(**values)
        faults = settings.faults()
        if not faults:
            return settings
    raise BadSettings(faults)


def _raw(name: str, environ: Mapping[str, str], *, secret: bool) -> str | None:
    value, file = environ.get(name), environ.get(f"{name}_FILE") if secret else None
    if value is not None and file is not None:
        raise ValueError("is given twice, as a value and as a file")
    return Path(file).read_text(encoding="utf-8").strip() if file is not None else value


def _parse(hint: Any, raw: str) -> Any:
    kinds = [k for k in typing.get_args(hint) if k is not type(None)]
    kind = kinds[0] if isinstance(hint, UnionType) else hint
    parse: Callable[[str], Any] = {bool: _flag, dict: _mapping}.get(
        typing.get_origin(kind) or kind, kind
    )
    return parse(raw)


def _flag(raw: str) -> bool:
    if raw not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return raw == "1"


def _mapping(raw: str) -> dict[str, str]:
    parsed = json.loads(raw)
    if not isinstance(parsed, dict) or not all(isinstance(v, str) for v in parsed.values()):
        raise ValueError("must be a JSON object of strings")
    return parsed
