"""The roles that every company begins with (catalogue 2)."""

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
