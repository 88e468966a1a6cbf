"""What can be refused, and the words in which people hear it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

Language = str
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


class Said(str):
    """A stable code that carries its sentence in both languages.

    It is a string, so it travels through marshmallow's error structures untouched.
    """

    zh: str
    en: str

    def __new__(cls, code: str, *, zh: str, en: str) -> "Said":
        said = super().__new__(cls, code)
        said.zh, said.en = zh, en
        return said

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """How it is copied: schemas are, when their interface is described."""
        return (str(self),), {"zh": self.zh, "en": self.en}

    def format(self, *_: Any, **facts: Any) -> "Said":
        """The same code with the numbers of this case in its sentences."""
        return Said(str(self), zh=self.zh.format(**facts), en=self.en.format(**facts))

    def in_(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of the input and what is wrong with it; `field` is a dotted path."""

    field: str
    said: Said


class Refusal(Exception):
    """The domain says no. Both edges know what to do with it; nothing was changed."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    zh: ClassVar[str] = "请求被拒绝"
    en: ClassVar[str] = "The request was refused."

    def __init__(
        self,
        *about: object,
        faults: Sequence[FieldFault] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(self.code, *about)
        self.faults = tuple(faults)
        self.retry_after = retry_after

    @property
    def said(self) -> Said:
        return Said(self.code, zh=self.zh, en=self.en)


class Malformed(Refusal):
    status = 400
    code = "malformed"
    zh = "请求格式不正确"
    en = "The request could not be read."


class SignInNeeded(Refusal):
    status = 401
    code = "sign-in-needed"
    zh = "请先登录"
    en = "Sign in first."


class NotAllowed(Refusal):
    status = 403
    code = "permission-missing"
    zh = "您没有此功能的权限，请联系管理员"
    en = "You lack the permission for this. Ask your administrator."


class NotYours(NotAllowed):
    code = "not-yours"
    zh = "您不能对这条记录执行此操作"
    en = "You may see this record, but this is not yours to do."


class NotFound(Refusal):
    """Also the answer for what the caller may not see: the two must look alike."""

    status = 404
    code = "not-found"
    zh = "记录不存在，或您无权查看"
    en = "There is no such record, or you may not see it."


class Conflict(Refusal):
    """What is there already is in the way.

    A subclass may name the unique indexes that hold its rule where two come at the same instant.
    """

    constraints: ClassVar[tuple[str, ...]] = ()

    status = 409
    code = "conflict"
    zh = "与现有数据冲突"
    en = "This conflicts with what is already there."


def conflict_of(constraint: str | None, kind: type[Conflict] = Conflict) -> type[Conflict]:
    """The refusal whose rule a unique index holds; Conflict itself where none names it."""
    for below in kind.__subclasses__():
        found = conflict_of(constraint, below)
        if found is not Conflict:
            return found
    return kind if constraint in kind.constraints else Conflict


class Stale(Refusal):
    """Somebody changed the record since the caller read it; `row` is the record as it is now."""

    status = 412
    code = "stale"
    zh = "这条记录已被他人修改，请核对后重试"
    en = "The record was changed by somebody else. Look at it again."

    def __init__(self, row: object | None = None) -> None:
        super().__init__()
        self.row = row
        self.current: Any = None


class VersionNeeded(Refusal):
    status = 428
    code = "version-needed"
    zh = "修改前须提供所读到的版本（If-Match）"
    en = "A change needs the version that was read, in If-Match."


class Invalid(Refusal):
    status = 422
    code = "invalid"
    zh = "填写的内容有误，请检查"
    en = "Some of the input is not valid."


class KeyReused(Refusal):
    status = 422
    code = "idempotency-key-reused"
    zh = "同一个幂等键被用于不同的请求"
    en = "This idempotency key was used for another request."


class Unavailable(Refusal):
    """A part we stand on is away; the same request with the same key will succeed later."""

    status = 503
    code = "unavailable"
    zh = "服务暂时不可用，请稍后重试"
    en = "The service is briefly unavailable. Try again."

    def __init__(self, *about: object, retry_after: int = 2) -> None:
        super().__init__(*about, retry_after=retry_after)


class NotReady(Unavailable):
    """The organisation has not reached this service yet."""

    code = "not-ready"
    zh = "企业数据正在准备，请稍后重试"
    en = "Your organisation is still being prepared here. Try again."


class NotYet(Exception):
    """What a fact speaks of has not arrived here; it will, so the fact is tried again later."""
