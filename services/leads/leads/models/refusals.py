"""What leads refuse, in the words in which people hear it."""

from collections.abc import Iterable

from chassis.errors import Conflict, FieldFault, Invalid, Said

_NO_WAY = Said(
    "contact-way-missing",
    zh="手机、座机、邮箱、QQ、微信至少填写一项",
    en="Give at least one of mobile, landline, e-mail, QQ and WeChat.",
)
_NO_NAME = Said(
    "name-missing", zh="联系人和公司名称至少填写一项", en="Give a name, or a company, or both."
)
_NO_CUSTOMER_NAME = Said(
    "customer-name-missing",
    zh="转为客户须填写公司名称",
    en="A customer needs the name of a company.",
)
_NO_CONTACT_NAME = Said(
    "contact-name-missing", zh="请填写联系人姓名", en="Give the name of the contact."
)


class NoContactWay(Invalid):
    code = _NO_WAY
    zh, en = _NO_WAY.zh, _NO_WAY.en

    def __init__(self, ways: Iterable[str]) -> None:
        super().__init__(faults=[FieldFault(way, _NO_WAY) for way in ways])


class NoName(Invalid):
    code = _NO_NAME
    zh, en = _NO_NAME.zh, _NO_NAME.en

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(faults=[FieldFault(name, _NO_NAME) for name in names])


class CustomerNameMissing(Invalid):
    code = _NO_CUSTOMER_NAME
    zh, en = _NO_CUSTOMER_NAME.zh, _NO_CUSTOMER_NAME.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault("customer.name", _NO_CUSTOMER_NAME)])


class ContactNameMissing(Invalid):
    code = _NO_CONTACT_NAME
    zh, en = _NO_CONTACT_NAME.zh, _NO_CONTACT_NAME.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault("contact.name", _NO_CONTACT_NAME)])


class LeadArchived(Conflict):
    code = "lead-archived"
    zh = "这条线索已归档，不能再修改"
    en = "This lead was put away and can no longer be changed."


class LeadConverting(Conflict):
    code = "lead-converting"
    zh = "这条线索正在转为客户，请稍候"
    en = "This lead is on its way to become a customer. Wait a moment."


class AlreadyConverted(Conflict):
    code = "already-converted"
    zh = "这条线索已转为客户"
    en = "This lead has become a customer."


class NotConverted(Conflict):
    code = "not-converted"
    zh = "这条线索没有转为客户"
    en = "This lead has not become a customer."


class UndoTooLate(Conflict):
    code = "undo-too-late"
    zh = "只能在转为客户的当天撤销"
    en = "Becoming a customer can be undone on the same day only."
