from datetime import date

import pytest

from leads_sheet import NotALeadsSheet, read_sheet

HEADINGS = ["公司", "联系人", "手机号码"]


def leads_of(path):
    return [row.lead for row in read_sheet(path).rows]


def test_title_rows_and_empty_lines_are_passed_over_and_rows_keep_their_numbers(a_file):
    path = a_file(["客户登记表"], [], HEADINGS, ["甲公司"], [None, "  ", "无"], [], ["乙公司"])

    rows = read_sheet(path).rows

    assert [(row.number, row.lead) for row in rows] == [
        (4, {"company_name": "甲公司"}),
        (7, {"company_name": "乙公司"}),
    ]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("客户单位 ", "company_name"),
        ("联 系 人*", "name"),
        ("手机号码\n（必填）", "mobile"),
        ("固定电话：", "phone"),
        ("E-mail", "email"),
        ("ＱＱ", "qq"),
    ],
)
def test_a_heading_is_known_however_it_is_decorated(a_file, heading, field):
    path = a_file([heading, "职务", "部门"], ["甲"])

    assert leads_of(path) == [{field: "甲"}]


def test_numbers_lose_their_decimal_point_and_postcodes_get_back_their_zero(a_file):
    path = a_file(["手机", "QQ", "邮编"], [13800006666, 2083659792, 50011])

    assert leads_of(path) == [{"mobile": "13800006666", "qq": "2083659792", "postcode": "050011"}]


def test_full_width_digits_are_sent_as_they_were_written(a_file):
    path = a_file(HEADINGS, ["甲", None, "　１３８－００００－６６６６ "])

    assert leads_of(path) == [{"company_name": "甲", "mobile": "１３８－００００－６６６６"}]


def test_what_has_no_field_goes_into_the_remark(a_file):
    path = a_file(
        [*HEADINGS, "备注", "登记日期", "来源渠道"],
        ["甲", None, None, "要报价单", "2024.3.5", None],
        ["乙", None, None, None, date(2024, 3, 6), "展会"],
    )

    assert [lead["remark"] for lead in leads_of(path)] == [
        "要报价单；登记日期：2024.3.5",
        "登记日期：2024-03-06；来源渠道：展会",
    ]


@pytest.mark.parametrize(
    ("written", "sent"), [("男 ", "male"), ("女士", "female"), ("未知", None), ("男/女", "男/女")]
)
def test_a_gender_is_translated_and_one_we_do_not_know_is_left_to_the_server(a_file, written, sent):
    path = a_file([*HEADINGS, "性别"], ["甲", None, None, written])

    assert leads_of(path)[0].get("gender") == sent


def test_columns_that_are_not_known_or_come_twice_are_named(a_file):
    path = a_file(["序号", *HEADINGS, "手机", "跟进人"], [1, "甲", None, "1", "2", "小王"])

    assert read_sheet(path).left_out == ["序号", "手机", "跟进人"]


def test_a_sheet_without_headings_is_refused(a_file):
    with pytest.raises(NotALeadsSheet, match="no line names the columns"):
        read_sheet(a_file(["甲公司", "张三", "13800006666"]))


def test_a_file_that_is_no_spreadsheet_is_refused(tmp_path):
    path = tmp_path / "leads.xlsx"
    path.write_text("公司,手机")

    with pytest.raises(NotALeadsSheet, match="cannot be read as a spreadsheet"):
        read_sheet(path)
