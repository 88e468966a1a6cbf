"""Who may see and change the organisation, and the roles that every company begins with."""

from sqlalchemy import false, true
from sqlalchemy.sql.elements import ColumnElement

from chassis.access import Permission, Reach
from chassis.people import Act, Policy
from identity.models import Department, Person, Role

# The roles of catalogue 2.

ROLES = {
    "admin": "管理员",
    "leader": "团队领导",
    "salesperson": "销售",
    "lead_assigner": "分配人员",
    "contract_admin": "合同管理员",
    "invoice_reviewer": "发票审核人",
    "archive_reviewer": "归档审核人",
    "rename_reviewer": "更名审核人",
    "payment_recorder": "回款录入者",
    "fulfilment_operator": "回款后的操作人",
    "field_visit_viewer": "外勤查看者",
    "report_center_viewer": "报表中心查看者",
    "leaderboard_viewer": "排行榜查看者",
    "campaign_publisher": "活动发布者",
    "work_report_reviewer": "工作报告审核人",
    "customer_assigner": "客户分配人员",
    "kpi_setter": "指标设置人",
    "void_approver": "作废审批人",
}

permissions = [
    Permission(
        "organisation.view",
        zh="查看通讯录",
        en="View the address book",
        roles=dict.fromkeys(ROLES, "all"),
    ),
    Permission(
        "organisation.edit",
        zh="管理通讯录与角色权限",
        en="Manage people, departments, roles and permissions",
        roles={"admin": "all"},
    ),
]


def _everything(reach: Reach) -> ColumnElement[bool]:
    """The organisation is one: who may change it may change all of it."""
    return true() if "all" in reach.scopes else false()


departments = Policy(
    Department,
    see=lambda by: _everything(by.scope("organisation.view")),
    acts={
        "edit": Act("organisation.edit", whose=_everything, when=Department.archived_at.is_(None)),
    },
)
people = Policy(
    Person,
    see=lambda by: _everything(by.scope("organisation.view")),
    acts={
        "edit": Act("organisation.edit", whose=_everything),
        "disable": Act("organisation.edit", whose=_everything, when=Person.disabled_at.is_(None)),
        "enable": Act("organisation.edit", whose=_everything, when=Person.disabled_at.is_not(None)),
    },
)
roles = Policy(
    Role,
    see=lambda by: _everything(by.scope("organisation.view")),
    acts={"edit": Act("organisation.edit", whose=_everything)},
)
