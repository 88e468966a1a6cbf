"""Reads a salesperson's spreadsheet into leads as the API takes them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

# What desks call the fields of a lead; headings are compared as `plain` leaves them.
SYNONYMS = {
    "company_name": "公司 公司名称 单位 单位名称 客户单位 客户 客户名称 企业 企业名称 company",
    "name": "姓名 名字 联系人 联系人姓名 客户姓名 name",
    "mobile": "手机 手机号 手机号码 移动电话 联系手机 mobile",
    "phone": "座机 座机号 固话 固定电话 电话 电话号码 联系电话 办公电话 公司电话 tel phone",
    "email": "邮箱 电子邮箱 电子邮件 邮件 邮箱地址 email e-mail",
    "qq": "qq qq号 qq号码",
    "wechat": "微信 微信号 wechat",
    "address": "地址 公司地址 联系地址 详细地址 address",
    "postcode": "邮编 邮政编码 postcode",
    "department": "部门 所在部门 department",
    "title": "职务 职位 头衔 title",
    "gender": "性别 称呼 gender",
    "remark": "备注 备注信息 说明 remark",
}
FIELD_OF = {word: field for field, words in SYNONYMS.items() for word in words.split()}
# A lead has no field for these, so they are kept as words at the end of the remark.
NOTED = frozenset(
    ("登记日期", "登记时间", "录入日期", "日期", "来源", "来源渠道", "渠道", "意向产品", "需求")
)
GENDERS = {
    "男": "male",
    "男士": "male",
    "先生": "male",
    "女": "female",
    "女士": "female",
    "小姐": "female",
    "未知": "",
    "不详": "",
}
# Words that people write where they have nothing to write.
NOTHING = frozenset(("无", "暂无", "没有", "-", "--", "—", "/", "n/a"))
# Titles and notes stand above the headings, never this many of them.
HEADINGS_WITHIN = 30


class NotALeadsSheet(Exception):
    """Why the file cannot be read, in one line for its owner."""


@dataclass(frozen=True)
class Row:
    """One line of the sheet: its number as the spreadsheet shows it, and the lead it holds."""

    number: int
    lead: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The leads of a file, and what became of each of its columns."""

    rows: list[Row]
    headings: dict[str, str]
    noted: list[str]
    left_out: list[str]


def read_sheet(path: Path) -> Sheet:
    """Read the first sheet of a workbook; lines without anything that we know are not rows.

    Raises NotALeadsSheet.
    """
    try:
        book = CalamineWorkbook.from_path(path)
        lines = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as trouble:
        raise NotALeadsSheet(f"{path} cannot be read as a spreadsheet: {trouble}") from None
    at = find_headings(lines)
    columns, noted, left_out = sort_columns(lines[at])
    rows = [Row(at + 2 + n, a_lead(line, columns, noted)) for n, line in enumerate(lines[at + 1 :])]
    return Sheet(
        rows=[row for row in rows if row.lead],
        headings={field: plain(lines[at][column]) for field, column in columns.items()},
        noted=list(noted),
        left_out=left_out,
    )


def find_headings(lines: list[list[Any]]) -> int:
    """The line that names the columns: the first with two or more words that we know."""
    for at, line in enumerate(lines[:HEADINGS_WITHIN]):
        if len({field for cell in line if (field := field_of(cell))}) > 1:
            return at
    raise NotALeadsSheet("no line names the columns, such as 公司, 联系人, 手机")


def sort_columns(line: list[Any]) -> tuple[dict[str, int], dict[str, int], list[str]]:
    """Which column holds which field, which go into the remark, and which stay behind.

    Of two columns with one meaning the first is taken and the other stays behind.
    """
    fields: dict[str, int] = {}
    noted: dict[str, int] = {}
    left_out: list[str] = []
    for column, cell in enumerate(line):
        heading = plain(cell)
        field = field_of(heading)
        if field and field not in fields:
            fields[field] = column
        elif heading in NOTED and heading not in noted:
            noted[heading] = column
        elif heading:
            left_out.append(heading)
    return fields, noted, left_out


def a_lead(line: list[Any], columns: dict[str, int], noted: dict[str, int]) -> dict[str, str]:
    """The lead of one line, without what is empty; the server judges what is in it."""
    lead = {field: written(line[column]) for field, column in columns.items()}
    if "postcode" in columns and isinstance(line[columns["postcode"]], float):
        # A postcode kept as a number has lost its leading zero.
        lead["postcode"] = lead["postcode"].zfill(6)
    if "gender" in lead:
        lead["gender"] = GENDERS.get(lead["gender"], lead["gender"])
    if any(lead.values()):
        notes = [f"{heading}：{written(line[column])}" for heading, column in noted.items()]
        said = [lead.get("remark", ""), *(note for note in notes if not note.endswith("："))]
        lead["remark"] = "；".join(filter(None, said))
    return {field: text for field, text in lead.items() if text}


def written(cell: Any) -> str:
    """A cell as its owner reads it: numbers without a decimal point, dates as dates."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    return "" if unicodedata.normalize("NFKC", text).lower() in NOTHING else text


def field_of(heading: Any) -> str | None:
    return FIELD_OF.get(plain(heading).lower())


def plain(heading: Any) -> str:
    """A heading without what desks decorate it with: spaces, stars, colons, notes in brackets."""
    return re.sub(r"\(.*?\)|[\s*:]", "", unicodedata.normalize("NFKC", str(heading)))
