"""The JSON this service takes and gives."""

from chassis.access import SCOPES
from chassis.errors import Said
from chassis.lists import ListQuery
from chassis.schema import (
    UUID,
    Boolean,
    Choice,
    Dict,
    Form,
    Instant,
    Integer,
    List,
    Nested,
    Shaped,
    String,
    View,
    length,
)
from identity.policy import ROLES

# WeCom's own limit for ids of companies and people is 64 bytes.
LONGEST_ID = 64

BAD_CODE = Said(
    "bad-code",
    zh="代码应为 2 到 40 位小写字母、数字或下划线，以字母开头",
    en="A code has 2 to 40 lower-case letters, digits and underscores, a letter first.",
)


class NewSession(Form):
    """Somebody whom WeCom has vouched for."""

    corp_id = String(required=True, validate=length(LONGEST_ID, 1))
    userid = String(required=True, validate=length(LONGEST_ID, 1))
    device = String(load_default=None, allow_none=True, validate=length(200))


class Renewal(Form):
    """The refresh token of a client that keeps no cookies."""

    refresh_token = String(validate=length(200))


class TokensView(View):
    access_token = String()
    token_type = String()
    expires_in = Integer()
    refresh_token = String()


class OpenedView(TokensView):
    """Tokens, and the cookies that a browser is to be given with them."""

    cookies = List(String())


class RenewedView(View):
    """Tokens for a client that showed its own; a browser is given cookies and no token here."""

    access_token = String(allow_none=True)
    token_type = String()
    expires_in = Integer()
    refresh_token = String(allow_none=True)


class SessionView(View):
    id = UUID()
    device = String(allow_none=True)
    opened_at = Instant()
    last_seen_at = Instant()
    ended_at = Instant(allow_none=True)


class KeyView(View):
    kty = String()
    crv = String()
    kid = String()
    x = String()


class KeySetView(View):
    keys = List(Nested(KeyView))


class NamedView(View):
    id = UUID()
    name = String()


class PersonView(NamedView):
    userid = String()
    position = String(allow_none=True)
    departments = List(Nested(NamedView))


class TenantView(NamedView):
    time_zone = String()


class MeView(View):
    """The caller. Clients read features and settings from the first day; no company has any yet."""

    person = Nested(PersonView)
    tenant = Nested(TenantView)
    permissions = List(String())
    scopes = Dict(keys=String(), values=List(String()))
    features = Dict(keys=String(), values=Boolean())
    tenant_settings = Dict(keys=String())


class DepartmentChange(Form):
    name = String(validate=length(60, 1))
    parent_id = UUID(allow_none=True)


class NewDepartment(Form):
    name = String(required=True, validate=length(60, 1))
    parent_id = UUID(allow_none=True)


class DepartmentFilter(ListQuery):
    sortable = ("created_at",)

    archived = Boolean(load_default=False)


class DepartmentView(NamedView):
    parent_id = UUID(allow_none=True)
    created_at = Instant()
    updated_at = Instant()
    archived_at = Instant(allow_none=True)
    version = Integer()
    allowed_actions = List(String())


class PersonChange(Form):
    """What can be set of a person; a field that is not given stays."""

    name = String(validate=length(50, 1))
    position = String(allow_none=True, validate=length(50))
    superior_id = UUID(allow_none=True)
    department_ids = List(UUID(), validate=length(50))
    role_ids = List(UUID(), validate=length(50))
    grants = Dict(keys=String(), values=Choice(SCOPES))


class PersonFilter(ListQuery):
    sortable = ("created_at",)

    department_id = UUID()
    superior_id = UUID()
    disabled = Boolean(load_default=False)


class ColleagueView(NamedView):
    position = String(allow_none=True)
    superior_id = UUID(allow_none=True)
    department_ids = List(UUID())
    role_ids = List(UUID())
    grants = Dict(keys=String(), values=Choice(SCOPES))
    created_at = Instant()
    updated_at = Instant()
    disabled_at = Instant(allow_none=True)
    version = Integer()
    allowed_actions = List(String())


class RoleChange(Form):
    name = String(validate=length(50, 1))
    permissions = Dict(keys=String(), values=Choice(SCOPES))


class NewRole(Form):
    code = Shaped(r"[a-z][a-z0-9_]{1,39}", BAD_CODE, required=True)
    name = String(required=True, validate=length(50, 1))
    permissions = Dict(keys=String(), values=Choice(SCOPES), required=True)


class RoleFilter(ListQuery):
    sortable = ("created_at",)


class RoleView(NamedView):
    code = String()
    permissions = Dict(keys=String(), values=Choice(SCOPES))
    created_at = Instant()
    updated_at = Instant()
    version = Integer()
    allowed_actions = List(String())


class PermissionView(View):
    key = String()
    zh = String()
    en = String()


class PermissionList(View):
    items = List(Nested(PermissionView))


class DemoDepartment(Form):
    key = String(required=True)
    name = String(required=True)
    parent = String(required=True, allow_none=True)


class DemoPerson(Form):
    userid = String(required=True)
    name = String(required=True)
    department = String(required=True)
    position = String(required=True, allow_none=True)
    reports_to = String(required=True, allow_none=True)
    roles = List(Choice(ROLES), required=True)


class DemoCompany(Form):
    corp_id = String(required=True)
    name = String(required=True)
    departments = List(Nested(DemoDepartment), required=True)
    people = List(Nested(DemoPerson), required=True)


class Demo(Form):
    """The companies that a local stack begins with."""

    tenants = List(Nested(DemoCompany), required=True)


class DeclaredPermission(Form):
    """A permission as the services declare it; `roles` is what each role begins with."""

    key = String(required=True)
    zh = String(required=True)
    en = String(required=True)
    roles = Dict(keys=Choice(ROLES), values=Choice(SCOPES), required=True)
