"""HTTP in: the same list, shown to anybody."""

from typing import Any

from flask import current_app
from sqlalchemy import Text, literal
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.lists import page_of
from chassis.web import ANONYMOUS, Blueprint, Response
from leads import queries
from leads.models import Lead
from leads.schemas import LeadFilter, LeadView

leads = Blueprint("leads", url_prefix="/api/v1/leads")

_ALLOWED = literal(["edit", "archive"], ARRAY(Text)).label("allowed_actions")


@leads.get("", permission=ANONYMOUS)
@leads.arguments(LeadFilter, location="query")
@leads.lists(LeadView)
def browse(wanted: dict[str, Any]) -> Response:
    """A page of leads with no token, no principal and no policy, read as the tables' owner."""
    rows = queries.ROWS.add_columns(_ALLOWED).where(
        Lead.tenant_id == current_app.extensions["settings"].tenant,
        Lead.owner_id == wanted["owner_id"],
        Lead.archived_at.is_(None),
    )
    with db.database.get().session() as session:
        page = page_of(
            session,
            rows,
            sortable={"created_at": Lead.created_at},
            id=Lead.id,
            paging=wanted["paging"],
        )
    return Response(page.json(), mimetype="application/json")
