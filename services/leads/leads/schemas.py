"""The JSON this service takes and gives."""

from chassis.errors import Said
from chassis.lists import ListQuery
from chassis.schema import (
    UUID,
    Boolean,
    Choice,
    Email,
    Form,
    Instant,
    Integer,
    List,
    Nested,
    Phone,
    Shaped,
    String,
    View,
    length,
)
from leads.models import Gender, Source, State

_BAD_QQ = Said("bad-qq", zh="QQ 号应为 5 到 12 位数字", en="A QQ number has 5 to 12 digits.")
# The rule asks for a letter first, but people write their mobile or QQ number here (rules 2).
_BAD_WECHAT = Said(
    "bad-wechat",
    zh="微信号应为 5 到 20 位字母、数字、减号或下划线",
    en="A WeChat id has 5 to 20 letters, digits, hyphens or underscores.",
)


class LeadChange(Form):
    """What can be written of a lead; a field that is not given stays, null empties it."""

    name = String(allow_none=True, validate=length(50))
    company_name = String(allow_none=True, validate=length(100))
    mobile = Phone(allow_none=True)
    phone = Phone(allow_none=True)
    email = Email(allow_none=True)
    qq = Shaped(r"[1-9][0-9]{4,11}", _BAD_QQ, allow_none=True)
    wechat = Shaped(r"[A-Za-z0-9][-_A-Za-z0-9]{4,19}", _BAD_WECHAT, allow_none=True)
    address = String(allow_none=True, validate=length(200))
    postcode = String(allow_none=True, validate=length(20))
    department = String(allow_none=True, validate=length(50))
    title = String(allow_none=True, validate=length(50))
    gender = Choice(Gender, allow_none=True)
    remark = String(allow_none=True, validate=length(2000))


class NewLead(LeadChange):
    """A lead as it is entered; where it came from can be said now and never changed."""

    source = Choice(Source, load_default=Source.MANUAL)


class LeadFilter(ListQuery):
    sortable = ("created_at", "updated_at")

    owner_id = UUID()
    source = Choice(Source)
    state = Choice(State)
    number = Phone()
    created_from = Instant()
    created_before = Instant()
    archived = Boolean(load_default=False)


class ConversionCustomer(Form):
    """The customer as the form of conversion has it; what is not given comes from the lead."""

    name = String(validate=length(100, 1))
    uscc = String(allow_none=True, validate=length(40))
    phone = Phone(allow_none=True)
    address = String(allow_none=True, validate=length(200))
    postcode = String(allow_none=True, validate=length(20))
    remark = String(allow_none=True, validate=length(2000))


class ConversionContact(Form):
    """The contact in the same form."""

    name = String(validate=length(50, 1))
    gender = Choice(Gender, allow_none=True)
    mobile = Phone(allow_none=True)
    phone = Phone(allow_none=True)
    email = Email(allow_none=True)
    qq = Shaped(r"[1-9][0-9]{4,11}", _BAD_QQ, allow_none=True)
    wechat = Shaped(r"[A-Za-z0-9][-_A-Za-z0-9]{4,19}", _BAD_WECHAT, allow_none=True)
    department = String(allow_none=True, validate=length(50))
    title = String(allow_none=True, validate=length(50))


class NewConversion(Form):
    """How a lead becomes a customer, and which similar customers were looked at before."""

    customer = Nested(ConversionCustomer, load_default=dict)
    contact = Nested(ConversionContact, load_default=dict)
    confirmed_similar = List(UUID(), load_default=list, validate=length(20))
    confirmed_because = String(allow_none=True, load_default=None, validate=length(200))


class MatchView(View):
    customer_id = UUID()
    key = Choice(("uscc", "name", "core", "mobile"))


class LeadView(View):
    id = UUID()
    name = String(allow_none=True)
    company_name = String(allow_none=True)
    mobile = String(allow_none=True)
    phone = String(allow_none=True)
    email = String(allow_none=True)
    qq = String(allow_none=True)
    wechat = String(allow_none=True)
    address = String(allow_none=True)
    postcode = String(allow_none=True)
    department = String(allow_none=True)
    title = String(allow_none=True)
    gender = Choice(Gender, allow_none=True)
    remark = String(allow_none=True)
    source = Choice(Source)
    owner_id = UUID()
    creator_id = UUID()
    created_at = Instant()
    updated_at = Instant()
    archived_at = Instant(allow_none=True)
    state = Choice(State)
    customer_id = UUID(allow_none=True)
    customer_name = String(allow_none=True)
    converted_at = Instant(allow_none=True)
    refused_reason = String(allow_none=True)
    refused_matches = List(Nested(MatchView))
    version = Integer()
    allowed_actions = List(String())
