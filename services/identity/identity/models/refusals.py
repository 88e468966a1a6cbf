"""What this service refuses, in the words in which people hear it."""

from chassis.errors import Conflict, FieldFault, Invalid, Refusal, Said

UNKNOWN_PERSON = Said(
    "unknown-person", zh="没有这位在职员工", en="Nobody who works here has this id."
)
UNKNOWN_DEPARTMENT = Said(
    "unknown-department", zh="没有这个部门", en="There is no such department."
)
UNKNOWN_ROLE = Said("unknown-role", zh="没有这个角色", en="There is no such role.")
UNKNOWN_PERMISSION = Said(
    "unknown-permission",
    zh="没有这项权限，或范围不正确",
    en="There is no such permission, or not with this scope.",
)
_IN_CIRCLE = Said("goes-in-circle", zh="不能设为自己的下级", en="This lies below itself.")


class NotInVisibleRange(Refusal):
    status = 403
    code = "not-in-visible-range"
    zh = "您不在应用的可见范围内，请联系企业管理员将您添加到可见范围"
    en = "You are outside the app's visible range. Ask your administrator to add you."


class GoesInCircle(Invalid):
    code = _IN_CIRCLE
    zh, en = _IN_CIRCLE.zh, _IN_CIRCLE.en

    def __init__(self, field: str) -> None:
        super().__init__(faults=[FieldFault(field, _IN_CIRCLE)])


class DepartmentInUse(Conflict):
    code = "department-in-use"
    zh = "部门内还有员工或下级部门，不能归档"
    en = "People or departments are still in this department."


class RoleExists(Conflict):
    code = "role-exists"
    zh = "已有相同代码的角色"
    en = "There is a role with this code already."
    constraints = ("uq_roles_tenant_id_code",)


class LastAdministrator(Conflict):
    code = "last-administrator"
    zh = "至少要保留一位可以管理通讯录的管理员"
    en = "Somebody must be left who can manage the organisation."
