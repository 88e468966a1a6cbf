"""Lists: paging by number and by cursor, sorting, and totals that stay cheap."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import orjson
from marshmallow import post_load
from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from chassis import schema
from chassis.errors import FieldFault, Invalid, Said

PAGE_SIZES = (15, 30, 50, 100)
LARGEST_PAGE = 200
# Numbered pages reach this far; a cursor goes on for ever (performance, keyset pages).
NUMBERED_ROWS = 1_000
COUNTED_ROWS = 1_000

_TOO_DEEP = Said(
    "too-deep",
    zh="按页码最多看到前 1000 条，请用 next 继续",
    en="Numbered pages serve the first 1,000 rows; go on with `next`.",
)
_BAD_CURSOR = Said("bad-cursor", zh="翻页位置无效", en="This is not a cursor of this list.")

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class ListQuery(schema.Query):
    """What every list can be asked; a list adds its filters and names its sortable columns."""

    sortable: ClassVar[tuple[str, ...]] = ()

    page = schema.Integer(load_default=1, validate=schema.between(1, NUMBERED_ROWS))
    page_size = schema.Integer(load_default=PAGE_SIZES[0], validate=schema.between(1, LARGEST_PAGE))
    after = schema.String(load_default=None, validate=schema.length(schema.CURSOR_LENGTH))
    count = schema.Choice(("capped", "exact"), load_default="capped")

    def __init_subclass__(cls, **rest: Any) -> None:
        orders = [sign + name for name in cls.sortable for sign in ("-", "")]
        cls._declared_fields["sort"] = schema.Choice(orders, load_default=orders[0])

    @post_load
    def gather(self, asked: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Filters stay apart; how to page travels as one value."""
        paging = Paging(**{name: asked.pop(name) for name in Paging.__slots__})
        return {"paging": paging, **asked}


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted, and in which order."""

    sort: str
    page: int = 1
    page_size: int = PAGE_SIZES[0]
    after: str | None = None
    count: str = "capped"


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it goes out. `total` and `page` are None when a cursor was followed."""

    items: list[Mapping[str, Any]]
    page: int | None
    page_size: int
    total: int | None
    total_is_capped: bool
    next: str | None

    def json(self) -> bytes:
        shown = {name: getattr(self, name) for name in Page.__slots__}
        shown["items"] = [dict(item) for item in self.items]
        return orjson.dumps(shown, default=_as_text, option=orjson.OPT_UTC_Z)


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    raise TypeError(type(value))


def page_of(
    session: Session,
    rows: Select[*tuple[Any, ...]],
    *,
    sortable: Mapping[str, Column],
    id: Column,
    paging: Paging,
) -> Page:
    """Run a list: `rows` filtered and scoped already, sorted by one column and then by id.

    Raises Invalid for a page beyond the numbered ones or a cursor that is not this list's.
    """
    column, is_down = sortable[paging.sort.lstrip("-")], paging.sort.startswith("-")
    ordered = rows.order_by(*(c.desc() if is_down else c.asc() for c in (column, id)))
    if paging.after is not None:
        place, seen = tuple_(column, id), _read_cursor(paging)
        ordered = ordered.where(place < seen if is_down else place > seen)
    elif paging.page > 1:
        if (paging.page - 1) * paging.page_size >= NUMBERED_ROWS:
            raise Invalid(faults=[FieldFault("page", _TOO_DEEP)])
        ordered = ordered.offset((paging.page - 1) * paging.page_size)
    # On the connection, past the unit of work: rows go out as they are.
    connection = session.connection()
    found = connection.execute(ordered.limit(paging.page_size + 1)).mappings().all()
    items, more = found[: paging.page_size], len(found) > paging.page_size
    is_numbered = paging.after is None
    total, is_capped = None, False
    if is_numbered:
        total, is_capped = _total(session, rows, paging, shown=len(items), more=more)
    return Page(
        items=list(items),  # type: ignore[arg-type]
        page=paging.page if is_numbered else None,
        page_size=paging.page_size,
        total=total,
        total_is_capped=is_capped,
        next=_cursor(paging.sort, items[-1][str(column.key)], items[-1]["id"]) if more else None,
    )


def _total(
    session: Session, rows: Select[*tuple[Any, ...]], paging: Paging, *, shown: int, more: bool
) -> tuple[int, bool]:
    if not more and (shown or paging.page == 1):
        return (paging.page - 1) * paging.page_size + shown, False
    counted: Select[*tuple[Any, ...]]
    counted = rows.with_only_columns(literal_column("1")).order_by(None)
    if paging.count == "capped":
        counted = counted.limit(COUNTED_ROWS + 1)
    count = select(func.count()).select_from(counted.subquery())
    total = session.connection().scalar(count) or 0
    if paging.count == "capped" and total > COUNTED_ROWS:
        return COUNTED_ROWS, True
    return total, False


def _cursor(sort: str, value: Any, id: UUID) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([sort, value, id])).decode().rstrip("=")


def _read_cursor(paging: Paging) -> tuple[datetime, UUID]:
    refusal = Invalid(faults=[FieldFault("after", _BAD_CURSOR)])
    try:
        raw = str(paging.after)
        sort, value, last = orjson.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        place = datetime.fromisoformat(value).astimezone(UTC), UUID(last)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise refusal from None
    if sort != paging.sort:
        raise refusal
    return place


def list_view(item: type[schema.View]) -> type[schema.View]:
    """The published shape of a page of `item`."""
    return type(
        f"{item.__name__.removesuffix('View')}Page",
        (schema.View,),
        {
            "items": schema.List(schema.Nested(item)),
            "page": schema.Integer(allow_none=True),
            "page_size": schema.Integer(),
            "total": schema.Integer(allow_none=True),
            "total_is_capped": schema.Boolean(),
            "next": schema.String(allow_none=True),
        },
    )
