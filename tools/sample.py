"""Writes the sample spreadsheet of a sales desk, byte for byte the same every time."""

import io
import random
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

import sample_words as words

SAMPLE = Path(__file__).parents[1] / "deploy" / "local" / "sample" / "leads.xlsx"
ROWS = 300
TYPED_TWICE = 9
FIRST_DAY = date(2024, 1, 2)
ZIPPED_AT = (2024, 6, 28, 17, 42, 0)
SAVED_AT = datetime(*ZIPPED_AT, tzinfo=UTC)

Cell = str | int | date | None
Row = dict[str, Cell]

# The headings are the desk's own: stray spaces, a line break, full-width letters.
NUMBER, DAY, COMPANY, NAME, GENDER = "序号", "登记日期", "客户单位 ", "联系人", "性别"
DEPARTMENT, TITLE, MOBILE, PHONE = "部门", "职务", "手机号码\n（必填）", "座机"
EMAIL, WECHAT, QQ, ADDRESS, POSTCODE = "邮  箱", "微信号", "ＱＱ", "地址", "邮编"
CHANNEL, PRODUCT, REMARK, FOLLOWED_BY = "来源渠道", "意向产品", "备　注", "跟进人"
WIDTHS = {
    NUMBER: 6,
    DAY: 13,
    COMPANY: 30,
    NAME: 9,
    GENDER: 6,
    DEPARTMENT: 10,
    TITLE: 11,
    MOBILE: 22,
    PHONE: 22,
    EMAIL: 28,
    WECHAT: 16,
    QQ: 13,
    ADDRESS: 34,
    POSTCODE: 8,
    CHANNEL: 10,
    PRODUCT: 14,
    REMARK: 28,
    FOLLOWED_BY: 8,
}


# What the desk's file holds and no server should take, each for a reason of its own:
# the cells named here are laid over an otherwise ordinary row.
REFUSED: tuple[Row, ...] = (
    # No way to reach anybody: all empty, and words that stand for empty.
    {MOBILE: None, PHONE: None, EMAIL: None, WECHAT: None, QQ: None},
    {MOBILE: "无", PHONE: "/", EMAIL: "暂无", WECHAT: "—", QQ: None},
    # A number, and nobody it belongs to.
    {COMPANY: None, NAME: None, MOBILE: "13900471126"},
    {COMPANY: "  ", NAME: "　", PHONE: "0512-66018823"},
    # The letter O for a zero, a word for a number, an extension, two numbers in one cell.
    {MOBILE: "138O5713O26"},
    {MOBILE: "待补充"},
    {PHONE: "021-64337190转802"},
    {PHONE: "0571-86110472/86110473"},
    {MOBILE: "13655120098、18951120098"},
    # Fifty characters: one more than may be.
    {PHONE: "0755-26770011 (0755)26770022 (0755)26770033 267700"},
    # E-mail without an at sign, with a comma for the point, with the person's name in front.
    {EMAIL: "linhaitao.tuolan.example"},
    {EMAIL: "sales@yanbei,example"},
    {EMAIL: "何敏 hemin@shuohe.example"},
    # A QQ group's nickname, and WeChat "is the same as the mobile number".
    {QQ: "蓝栈售后技术交流群（进群请改备注：公司＋姓名＋电话）"},
    {WECHAT: "微信同手机号，加的时候请备注公司名称和姓名，" * 3},
    # A signature pasted into the name, an advertisement pasted into the company.
    {NAME: "周振华（总经理，分管采购、行政、信息化与对外合作，联系前请先发短信说明来意）" * 8},
    {COMPANY: "苏州鹭屿智能装备有限公司（专业生产非标自动化设备，欢迎来电来函洽谈合作）" * 16},
)


def spell_mobile(dice: random.Random, mobile: str) -> Cell:
    """One mobile number as different people write it down."""
    head, middle, tail = mobile[:3], mobile[3:7], mobile[7:]
    return dice.choice(
        (
            mobile,
            mobile,
            int(mobile),
            f"{head}-{middle}-{tail}",
            f"{head} {middle} {tail}",
            f"+86 {head} {middle} {tail}",
            f"+86-{mobile}",
            f"0086{mobile}",
            f"(86){mobile}",
            f"（+86）{head}-{middle}-{tail}",
            f" {mobile}  ",
            f"{mobile}　",
            full_width(mobile),
            full_width(f"+86 {mobile}"),
        )
    )


def spell_phone(dice: random.Random, area_code: str) -> Cell:
    """A landline or a service number as different people write it down."""
    local = f"{dice.randrange(2, 9)}{dice.randrange(10**7):07}"
    if dice.random() < 0.15:
        service = f"{dice.randrange(100, 1000)}-{dice.randrange(10**4):04}"
        return dice.choice((f"400-{service}", f"400{service.replace('-', '')}", f"400 {service}"))
    return dice.choice(
        (
            f"{area_code}-{local}",
            f"{area_code}-{local}",
            f"({area_code}){local}",
            f"（{area_code}）{local[:4]} {local[4:]}",
            f"{area_code} {local[:4]} {local[4:]}",
            f"+86-{area_code[1:]}-{local}",
            f"0086 {area_code[1:]} {local}",
            full_width(f"{area_code}-{local}"),
            int(local),
            f" {area_code}-{local} ",
        )
    )


def spell_day(dice: random.Random, day: date) -> Cell:
    """The day somebody wrote the lead down: mostly text, in whatever spelling."""
    return dice.choice(
        (
            f"{day.year}-{day:%m-%d}",
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day:%Y%m%d}",
            f"{day.month}月{day.day}日",
            full_width(f"{day.year}.{day.month}.{day.day}"),
            day,
            None,
        )
    )


def full_width(text: str) -> str:
    return "".join("　" if char == " " else chr(ord(char) + 0xFEE0) for char in text)


def maybe(dice: random.Random, share: float, cell: Cell) -> Cell:
    return cell if dice.random() < share else None


def a_company(dice: random.Random, city: str, firm: str) -> str:
    trade, form = dice.choice(words.TRADES), dice.choice(words.FORMS)
    return dice.choice(
        (
            f"{city}{firm}{trade}{form}",
            f"{city}{firm}{trade}{form}",
            f"{firm}（{city}）{trade}{form}",
            f"{firm}({city}){trade}{form} ",
            f"{firm}{trade}",
        )
    )


def an_address(dice: random.Random, city: words.City) -> str:
    number = str(dice.randrange(1, 999))
    number = full_width(number) if dice.random() < 0.2 else number
    street = f"{city.name}市{dice.choice(city.districts)}{dice.choice(words.ROADS)}{number}号"
    return street + dice.choice(("", "3楼", " Ｂ座 1202室", "（园区内）"))


def an_email(dice: random.Random, family: str, given: str, domain: str) -> str:
    return dice.choice(
        (
            f"{family}.{given}@{domain}.example",
            f"{given}{family}@{domain}.example ",
            f"{family.title()}{given.title()}@{domain.upper()}.EXAMPLE",
            f"{dice.randrange(10**7, 10**9)}@post.example",
        )
    )


def a_row(dice: random.Random) -> Row:
    """One ordinary line of the desk's file; a mobile number or a landline is always there."""
    city, (firm, domain) = dice.choice(words.CITIES), dice.choice(words.FIRMS)
    given_names, genders = dice.choice(((words.MEN, words.MALE), (words.WOMEN, words.FEMALE)))
    (surname, family), (given, first) = dice.choice(words.SURNAMES), dice.choice(given_names)
    mobile = f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09}"
    has_mobile = dice.random() < 0.85
    wechat = dice.choice((f"{family}_{first}88", f"wx-{domain}{mobile[-3:]}", mobile))
    qq = str(dice.randrange(10**7, 3 * 10**9))
    postcode = f"{city.postcode}{dice.randrange(100):02}"
    return {
        DAY: spell_day(dice, FIRST_DAY + timedelta(days=dice.randrange(175))),
        COMPANY: maybe(dice, 0.95, a_company(dice, city.name, firm)),
        NAME: dice.choice((surname + given, surname + given, f"{surname}总", f"{surname} {given}")),
        GENDER: dice.choice(genders),
        DEPARTMENT: dice.choice(words.DEPARTMENTS),
        TITLE: dice.choice(words.TITLES),
        MOBILE: spell_mobile(dice, mobile) if has_mobile else dice.choice((None, "无", "-")),
        PHONE: maybe(dice, 0.35 if has_mobile else 1, spell_phone(dice, city.area_code)),
        EMAIL: maybe(dice, 0.4, an_email(dice, family, first, domain)),
        WECHAT: maybe(dice, 0.3, wechat),
        QQ: maybe(dice, 0.25, dice.choice((qq, int(qq), full_width(qq), f" {qq}"))),
        ADDRESS: maybe(dice, 0.7, an_address(dice, city)),
        POSTCODE: maybe(dice, 0.3, dice.choice((postcode, int(postcode)))),
        CHANNEL: dice.choice(words.CHANNELS),
        PRODUCT: dice.choice(words.PRODUCTS),
        REMARK: dice.choice(words.REMARKS),
        FOLLOWED_BY: dice.choice(words.COLLEAGUES),
    }


def the_rows() -> list[Row]:
    """The rows in order: ordinary ones, some typed twice, those to be refused spread among them."""
    dice = random.Random("leads.xlsx")
    rows = [a_row(dice) for _ in range(ROWS - len(REFUSED) - TYPED_TWICE)]
    # The same firm typed in twice by two people: leads warn of it and take it.
    again = rows[20 : 20 * (TYPED_TWICE + 1) : 20]
    rows += [row | {FOLLOWED_BY: dice.choice(words.COLLEAGUES), DAY: None} for row in again]
    for position, wrong in enumerate(REFUSED):
        rows.insert(9 + position * 17, a_row(dice) | wrong)
    for number, row in enumerate(rows, start=1):
        row[NUMBER] = number
    return rows


def write_sheet(sheet: Worksheet) -> None:
    sheet.title = "客户资料"
    sheet.append(["2024年上半年客户线索登记表（华东、华南）"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(WIDTHS))
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.append([])
    sheet.append(list(WIDTHS))
    for column, width in enumerate(WIDTHS.values(), start=1):
        cell = sheet.cell(3, column)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(wrap_text=True, horizontal="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A4"
    for number, row in enumerate(the_rows(), start=1):
        sheet.append([row.get(heading) for heading in WIDTHS])
        if number % 43 == 0:
            sheet.append([])
        if number % 97 == 0:
            sheet.append([None, " ", "　"])


def sample_bytes() -> bytes:
    """The workbook without what changes from one saving to the next: the times."""
    workbook = Workbook()
    write_sheet(workbook.worksheets[0])
    saved = io.BytesIO()
    workbook.save(saved)
    properties = DocumentProperties(creator="销售部", created=SAVED_AT, modified=SAVED_AT)
    steady = io.BytesIO()
    with zipfile.ZipFile(saved) as original, zipfile.ZipFile(steady, "w") as packed:
        for name in original.namelist():
            # openpyxl writes the moment of saving into this part.
            own = name == "docProps/core.xml"
            content = tostring(properties.to_tree()) if own else original.read(name)
            # Stored and not deflated: the compressed bytes depend on the machine's zlib.
            packed.writestr(zipfile.ZipInfo(name, ZIPPED_AT), content)
    return steady.getvalue()


def main() -> int:
    SAMPLE.parent.mkdir(parents=True, exist_ok=True)
    SAMPLE.write_bytes(sample_bytes())
    print(f"{SAMPLE}: {ROWS} rows, {len(REFUSED)} of them to be refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
