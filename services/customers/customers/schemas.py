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
    Query,
    Shaped,
    String,
    View,
    length,
)
from customers.models import Gender, Key, Kind

_BAD_QQ = Said("bad-qq", zh="QQ 号应为 5 到 12 位数字", en="A QQ number has 5 to 12 digits.")
_BAD_WECHAT = Said(
    "bad-wechat",
    zh="微信号应为 5 到 20 位字母、数字、减号或下划线",
    en="A WeChat id has 5 to 20 letters, digits, hyphens or underscores.",
)
NAME = length(100, 1)


class CustomerChange(Form):
    """What can be written of a customer; a field that is not given stays, null empties it."""

    uscc = String(allow_none=True, validate=length(40))
    phone = Phone(allow_none=True)
    mobile = Phone(allow_none=True)
    fax = Phone(allow_none=True)
    address = String(allow_none=True, validate=length(200))
    postcode = String(allow_none=True, validate=length(20))
    remark = String(allow_none=True, validate=length(2000))


class NewCustomer(CustomerChange):
    """A customer as it is entered, and which of the similar ones were looked at."""

    name = String(required=True, validate=NAME)
    confirmed_similar = List(UUID(), validate=length(20))
    confirmed_because = String(allow_none=True, validate=length(200))


class CustomerFilter(ListQuery):
    sortable = ("created_at", "updated_at")

    follower_id = UUID()
    created_from = Instant()
    created_before = Instant()
    archived = Boolean(load_default=False)


class FollowerView(View):
    person_id = UUID()
    is_main = Boolean()


class CollaboratorView(View):
    person_id = UUID()
    kind = Choice(Kind)


class CustomerView(View):
    id = UUID()
    name = String()
    uscc = String(allow_none=True)
    phone = String(allow_none=True)
    mobile = String(allow_none=True)
    fax = String(allow_none=True)
    address = String(allow_none=True)
    postcode = String(allow_none=True)
    remark = String(allow_none=True)
    lead_id = UUID(allow_none=True)
    creator_id = UUID()
    followers = List(Nested(FollowerView))
    collaborators = List(Nested(CollaboratorView))
    created_at = Instant()
    updated_at = Instant()
    archived_at = Instant(allow_none=True)
    version = Integer()
    allowed_actions = List(String())


class Likeness(Query):
    """A company that somebody is about to enter."""

    name = String(required=True, validate=NAME)
    uscc = String(validate=length(40))
    mobile = Phone()


class SimilarView(View):
    customer_id = UUID()
    name = String()
    key = Choice(Key)
    is_same = Boolean()
    main_follower = String(allow_none=True)
    follow_state = Choice(("to_be_followed", "being_followed", "in_pool"))
    is_visible = Boolean()


class SimilarList(View):
    items = List(Nested(SimilarView))


class NewContact(Form):
    customer_id = UUID(required=True)
    name = String(required=True, validate=length(50, 1))
    gender = Choice(Gender, allow_none=True)
    mobile = Phone(allow_none=True)
    phone = Phone(allow_none=True)
    email = Email(allow_none=True)
    qq = Shaped(r"[1-9][0-9]{4,11}", _BAD_QQ, allow_none=True)
    wechat = Shaped(r"[A-Za-z0-9][-_A-Za-z0-9]{4,19}", _BAD_WECHAT, allow_none=True)
    address = String(allow_none=True, validate=length(200))
    postcode = String(allow_none=True, validate=length(20))
    department = String(allow_none=True, validate=length(50))
    title = String(allow_none=True, validate=length(50))
    remark = String(allow_none=True, validate=length(2000))


class ContactFilter(ListQuery):
    sortable = ("created_at",)

    customer_id = UUID()
    archived = Boolean(load_default=False)


class ContactView(View):
    id = UUID()
    name = String()
    gender = Choice(Gender, allow_none=True)
    mobile = String(allow_none=True)
    phone = String(allow_none=True)
    email = String(allow_none=True)
    qq = String(allow_none=True)
    wechat = String(allow_none=True)
    address = String(allow_none=True)
    postcode = String(allow_none=True)
    department = String(allow_none=True)
    title = String(allow_none=True)
    remark = String(allow_none=True)
    customer_ids = List(UUID())
    creator_id = UUID()
    created_at = Instant()
    updated_at = Instant()
    archived_at = Instant(allow_none=True)
    version = Integer()
