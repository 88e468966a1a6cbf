"""Routes: each declares who may call it, what it takes and what it answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import flask_smorest

from chassis.lists import list_view
from chassis.schema import Form, View
from chassis.web.inbound import StrictParser

F = TypeVar("F", bound=Callable[..., Any])

# What a route may declare instead of a permission key.
SIGNED_IN = "signed-in"
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: holders of a permission, the signed in, anyone, or named siblings."""

    permission: str | None = None
    callers: frozenset[str] = frozenset()
    refuses: frozenset[int] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        return self.permission == ANONYMOUS

    @property
    def key(self) -> str | None:
        """The permission key to ask the actor for, if there is one."""
        return None if self.permission in {SIGNED_IN, ANONYMOUS} else self.permission

    def documented(self) -> dict[str, Any]:
        """What the published interface says of it."""
        refuses = {"x-refuses": sorted(self.refuses)} if self.refuses else {}
        if self.callers:
            return {"x-callers": sorted(self.callers), **refuses}
        if self.is_anonymous:
            return {"x-permission": ANONYMOUS, "security": [], **refuses}
        return {"x-permission": self.permission, **refuses}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """The routes of one noun. A route without a declared permission cannot be written."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, *, url_prefix: str) -> None:
        super().__init__(name, name, url_prefix=url_prefix)
        self.access: dict[str, Access] = {}

    def get(self, rule: str, *, permission: str) -> Callable[[F], F]:
        return self._declare("GET", rule, Access(permission))

    def post(self, rule: str, *, permission: str, refuses: Iterable[int] = ()) -> Callable[[F], F]:
        """`refuses` names statuses that do not follow from how the route is declared."""
        return self._declare("POST", rule, Access(permission, refuses=frozenset(refuses)))

    def patch(self, rule: str, *, permission: str) -> Callable[[F], F]:
        return self._declare("PATCH", rule, Access(permission))

    def delete(self, rule: str, *, permission: str) -> Callable[[F], F]:
        return self._declare("DELETE", rule, Access(permission))

    def internal(self, method: str, rule: str, *, callers: Iterable[str]) -> Callable[[F], F]:
        """A route for named siblings, which show a service token; the gateway never routes it."""
        return self._declare(method, rule, Access(callers=frozenset(callers)))

    def arguments(
        self, form: type[Form], *, location: str = "json", required: bool = True
    ) -> Callable[[F], F]:
        """What the route takes, in its JSON body (`required` or not) or in its query string."""
        decorate: Callable[[F], F] = super().arguments(form(), location=location, required=required)
        return decorate

    def answers(self, status: int, view: type[View] | None = None) -> Callable[[F], F]:
        """What the route answers where it refuses nothing."""

        def decorate(route: F) -> F:
            wrapped = self.response(status, view)(route)
            wrapped._view = view
            return wrapped  # type: ignore[no-any-return]

        return decorate

    def lists(self, item: type[View]) -> Callable[[F], F]:
        """The route answers a page of `item`."""
        return self.answers(200, list_view(item))

    def _declare(self, method: str, rule: str, access: Access) -> Callable[[F], F]:
        def decorate(route: F) -> F:
            self.access[f"{self.name}.{route.__name__}"] = access
            documented = self.doc(**access.documented())(route)
            self.add_url_rule(rule, route.__name__, documented, methods=[method])
            return route

        return decorate
