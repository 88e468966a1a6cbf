"""Names and codes of companies as they are compared (rules 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import names

VALID = [
    "91440300708461136T",
    "9144030071526726XG",
    "91110000802100433B",
    "91110108551385082Q",
    "91330100799655058B",
]
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", VALID)
def test_a_code_with_its_check_character_is_one(code):
    assert names.is_uscc(code)


@pytest.mark.parametrize(
    "code", ["911100006000373416", VALID[0][:-1], VALID[0] + "0", "91440300708461136I", ""]
)
def test_any_other_text_is_no_code(code):
    assert not names.is_uscc(code)


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from(_LETTERS))
def test_one_wrong_character_is_always_noticed(code, place, letter):
    changed = code[:place] + letter + code[place + 1 :]

    assert names.is_uscc(changed) == (changed == code)


@pytest.mark.parametrize(
    "written",
    ["91440300708461136t", " 9144 0300 7084 61136T", "９１４４０３００７０８４６１１３６Ｔ"],
)
def test_a_code_is_compared_without_its_spelling(written):
    assert names.uscc(written) == VALID[0]


@pytest.mark.parametrize(
    "written",
    [
        "晨曦(上海)软件有限公司",
        "晨曦（上海）软件有限公司",
        "晨曦 （上海） 软件 有限公司 ",
        "晨曦（上海）軟件有限公司",
        "\u3000晨曦（上海）\u200b软件有限公司",
        "晨曦﹙上海﹚软件有限公司",
    ],
)
def test_six_spellings_of_one_name_have_one_key(written):
    assert names.strict(written) == "晨曦(上海)软件有限公司"


def test_full_width_letters_and_digits_are_the_same_name():
    assert names.strict("ＡＢＣ３６０有限公司") == names.strict("ABC360有限公司")


@pytest.mark.parametrize(
    ("written", "core", "region", "form", "branch"),
    [
        ("上海晨曦软件有限公司", "晨曦软件", "上海", "limited", ""),
        ("上海市晨曦软件有限责任公司", "晨曦软件", "上海", "limited", ""),
        ("晨曦软件（上海）股份有限公司", "晨曦软件", "上海", "joint_stock", ""),
        ("广东省深圳市晨曦软件有限公司", "晨曦软件", "深圳", "limited", ""),
        ("晨曦软件有限公司北京分公司", "晨曦软件", "", "limited", "北京分公司"),
        ("晨曦软件", "晨曦软件", "", "", ""),
        ("上海市政工程有限公司", "市政工程", "上海", "limited", ""),
        ("北京有限公司", "北京", "", "limited", ""),
    ],
)
def test_a_name_is_taken_apart(written, core, region, form, branch):
    read = names.read(written)

    assert (read.core, read.region, read.form, read.branch) == (core, region, form, branch)


def test_the_same_core_in_two_places_has_two_keys():
    here, there = names.read("上海晨曦软件有限公司"), names.read("北京晨曦软件有限公司")

    assert here.core == there.core
    assert here.strict != there.strict


@given(st.text(max_size=60))
def test_any_text_has_a_key_that_is_its_own_key(written):
    key = names.strict(written)

    assert names.strict(key) == key
    assert names.read(written).strict == key
