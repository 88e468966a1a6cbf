import re

import pytest

import sample
from leads_sheet import SYNONYMS, read_sheet


@pytest.fixture(scope="module")
def sheet():
    return read_sheet(sample.SAMPLE)


def test_the_sample_in_the_repository_is_what_the_script_writes():
    assert sample.SAMPLE.read_bytes() == sample.sample_bytes()


def test_every_row_of_the_sample_is_found(sheet):
    assert len(sheet.rows) == sample.ROWS


def test_every_field_of_a_lead_is_found_in_the_sample(sheet):
    assert set(sheet.headings) == set(SYNONYMS)
    assert sheet.noted == ["登记日期", "来源渠道", "意向产品"]
    assert sheet.left_out == ["序号", "跟进人"]


def test_the_phones_of_the_sample_are_spelled_in_ten_ways_and_more(sheet):
    written = [
        row.lead[field] for row in sheet.rows for field in ("mobile", "phone") if field in row.lead
    ]

    spellings = {re.sub(r"\d+", "0", re.sub("[０-９]+", "０", number)) for number in written}

    assert len(spellings) >= 10


def test_no_address_of_the_sample_can_be_reached(sheet):
    emails = [row.lead["email"].lower() for row in sheet.rows if "email" in row.lead]

    assert [email for email in emails if not email.endswith("example")] == []
