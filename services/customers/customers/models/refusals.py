"""What customers refuse, in the words in which people hear it."""

from collections.abc import Iterable

from chassis.errors import Conflict, FieldFault, Invalid, Said

_BAD_USCC = Said(
    "bad-uscc",
    zh="统一社会信用代码有误，请核对",
    en="This is not a unified social credit code: its check character does not fit.",
)
_NO_LETTER = Said(
    "unreadable-name",
    zh="公司名称至少要有一个文字或数字",
    en="A company's name has at least one letter or digit.",
)
_NO_REASON = Said(
    "reason-missing",
    zh="请说明为什么这不是同一家公司",
    en="Say why this is not the same company.",
)
_NO_WAY = Said(
    "contact-way-missing",
    zh="手机、座机、邮箱、QQ、微信至少填写一项",
    en="Give at least one of mobile, landline, e-mail, QQ and WeChat.",
)


class BadUscc(Invalid):
    code = _BAD_USCC
    zh, en = _BAD_USCC.zh, _BAD_USCC.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault("uscc", _BAD_USCC)])


class UnreadableName(Invalid):
    """Such names would all compare alike, and nobody could tell them apart."""

    code = _NO_LETTER
    zh, en = _NO_LETTER.zh, _NO_LETTER.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault("name", _NO_LETTER)])


class ReasonMissing(Invalid):
    code = _NO_REASON
    zh, en = _NO_REASON.zh, _NO_REASON.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault("confirmed_because", _NO_REASON)])


class ContactWayMissing(Invalid):
    code = _NO_WAY
    zh, en = _NO_WAY.zh, _NO_WAY.en

    def __init__(self, ways: Iterable[str]) -> None:
        super().__init__(faults=[FieldFault(way, _NO_WAY) for way in ways])


class CustomerExists(Conflict):
    """The same name or the same code: it is the same company (decision 16)."""

    code = "customer-exists"
    zh = "这家公司已是客户"
    en = "This company is a customer already."
    constraints = ("uq_customers_tenant_id_name_normalized", "uq_customers_tenant_id_uscc")


class SimilarCustomers(Conflict):
    """Customers that may be the same company, and were not confirmed to be others."""

    code = "similar-customers"
    zh = "有相似的客户，请确认不是同一家公司"
    en = "There are similar customers. Confirm that they are other companies."


class CustomerArchived(Conflict):
    code = "customer-archived"
    zh = "这个客户已归档，不能再修改"
    en = "This customer was put away and can no longer be changed."
