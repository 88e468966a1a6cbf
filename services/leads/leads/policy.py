"""Who may see and touch which lead: one definition, asked as SQL and as a check."""

from sqlalchemy import and_

from chassis.access import Permission
from chassis.people import Act, Policy, within
from leads.models import Lead, State

permissions = [
    Permission(
        "lead.view",
        zh="查看线索",
        en="View leads",
        roles={"salesperson": "own", "leader": "team", "lead_assigner": "all", "admin": "all"},
    ),
    Permission(
        "lead.create",
        zh="新增线索",
        en="Create leads",
        roles={"salesperson": "own", "leader": "own", "lead_assigner": "own", "admin": "own"},
    ),
    Permission(
        "lead.edit",
        zh="修改线索",
        en="Edit leads",
        roles={"salesperson": "own", "leader": "team", "lead_assigner": "all", "admin": "all"},
    ),
    Permission(
        "lead.convert",
        zh="线索转客户",
        en="Turn leads into customers",
        roles={"salesperson": "own", "leader": "team", "admin": "all"},
    ),
    Permission(
        "lead.archive",
        zh="归档线索",
        en="Put leads away",
        roles={"salesperson": "own", "leader": "team", "admin": "all"},
    ),
]

at_hand = Lead.archived_at.is_(None)
is_open = and_(at_hand, Lead.state == State.OPEN)

leads = Policy(
    Lead,
    see=lambda by: within(by.scope("lead.view"), Lead.owner_id),
    acts={
        "edit": Act("lead.edit", whose=Lead.owner_id, when=is_open),
        "convert": Act("lead.convert", whose=Lead.owner_id, when=is_open),
        "undo_conversion": Act(
            "lead.convert", whose=Lead.owner_id, when=Lead.state == State.CONVERTED
        ),
        "archive": Act("lead.archive", whose=Lead.owner_id, when=is_open),
    },
)
