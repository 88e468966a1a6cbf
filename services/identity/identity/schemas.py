"""The JSON this service takes and gives."""

from chassis.access import SCOPES
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
    String,
    View,
    length,
)
from identity.policy import ROLES

# WeCom's own limit for ids of companies and people is 64 bytes.
LONGEST_ID = 64


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
