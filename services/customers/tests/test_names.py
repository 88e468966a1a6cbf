"""Company names and credit codes as they are compared (rules 3)."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from customers.models import names

VALID = [
    "91440300708461136T",
    "9144030071526726XG",
    "91110000802100433B",
    "91110108551385082Q",
    "91330100799655058B",
]
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# The first reading of a name builds the gazetteer, which takes longer than others.
patient = settings(deadline=None)


@pytest.mark.parametrize("code", VALID)
def test_a_code_whose_check_character_fits_is_one(code):
    assert names.is_uscc(code)


@pytest.mark.parametrize(
    "code",
    [
        "911100006000373416",
        "91440300708461136",
        "91440300708461136TT",
        "9144030070846113IT",
        "91440300708461136t",
        "",
    ],
)
def test_what_only_looks_like_a_code_is_none(code):
    assert not names.is_uscc(code)


@patient
@given(code=st.sampled_from(VALID), place=st.integers(0, 17), other=st.sampled_from(DIGITS))
def test_one_wrong_character_never_passes(code, place, other):
    assume(code[place] != other)

    assert not names.is_uscc(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    "written",
    ["９１４４０３００７０８４６１１３６Ｔ", " 91440300 70846113 6t ", "91440300708461136\u200bT"],
)
def test_a_code_is_read_in_any_width_case_and_spacing(written):
    assert names.uscc(written) == "91440300708461136T"


@pytest.mark.parametrize(
    "spelling",
    [
        "ＡＢＣ精密机械（苏州）有限公司",
        "ABC精密机械(苏州)有限公司",
        " ABC 精密机械\u3000（苏州）有限公司\t",
        "ABC精密\u200b机械（苏州）有限公司\ufeff",
        "ABC精密機械（蘇州）有限公司",
    ],
    ids=["full-width", "brackets", "spaces", "zero-width", "traditional"],
)
def test_six_spellings_of_one_name_have_one_key(spelling):
    assert names.strict(spelling) == names.strict("ABC精密机械（苏州）有限公司")


def test_two_names_have_two_keys():
    assert names.strict("晨曦机械有限公司") != names.strict("晨曦机械股份有限公司")
    assert names.strict("晨曦机械有限公司") != names.strict("晨曦机电有限公司")


@pytest.mark.parametrize(
    ("written", "core", "region", "form"),
    [
        ("上海晨曦机械有限公司", "晨曦机械", "上海", "limited"),
        ("上海市晨曦机械有限公司", "晨曦机械", "上海", "limited"),
        ("晨曦机械（上海）有限公司", "晨曦机械", "上海", "limited"),
        ("晨曦机械(上海市)有限责任公司", "晨曦机械", "上海", "limited"),
        ("江苏省苏州市晨曦机械有限公司", "晨曦机械", "苏州", "limited"),
        ("苏州晨曦机械股份有限公司", "晨曦机械", "苏州", "joint_stock"),
        ("晨曦机械", "晨曦机械", "", ""),
        ("晨曦投资中心（有限合伙）", "晨曦投资中心", "", "limited_partnership"),
        ("晨曦机械（集团）有限公司", "晨曦机械集团", "", "limited"),
        ("上海市政工程有限公司", "市政工程", "上海", "limited"),
    ],
)
def test_a_name_is_taken_apart(written, core, region, form):
    found = names.read(written)

    assert (found.core, found.region, found.form, found.branch) == (core, region, form, "")


@pytest.mark.parametrize(
    ("written", "core", "branch"),
    [
        ("晨曦机械有限公司上海分公司", "晨曦机械", "上海分公司"),
        ("晨曦机械股份有限公司驻京办事处", "晨曦机械", "驻京办事处"),
        ("上海晨曦机械有限公司第二营业部", "晨曦机械", "第二营业部"),
    ],
)
def test_a_branch_keeps_the_core_of_its_parent_and_a_key_of_its_own(written, core, branch):
    found = names.read(written)

    assert (found.core, found.branch) == (core, branch)
    assert found.strict != names.strict(written.removesuffix(branch))


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("百度有限公司", "百度"),
        ("百度一下有限公司", "百度一下"),
        ("上海有限公司", "上海"),
        ("有限公司", "有限公司"),
    ],
)
def test_a_short_name_keeps_all_that_it_has(written, core):
    assert names.read(written).core == core


SPELT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("上海市苏州省有限责任股份公司分（）() \u3000\u200b蘇機ＡｂéﬀİßΣς"),
    ),
    max_size=40,
)


@patient
@given(written=SPELT)
@example(written="e \u0301")
@example(written="ΑΣ Σ")
def test_a_key_is_its_own_key(written):
    once = names.strict(written)

    assert names.strict(once) == once


@patient
@given(written=SPELT)
def test_every_text_can_be_read(written):
    found = names.read(written)

    assert found.strict == names.strict(written)
    assert bool(found.core) == bool(found.strict)


@patient
@given(written=SPELT, place=st.integers(0, 40), space=st.sampled_from(" \u3000\t\u200b\ufeff"))
def test_a_space_never_makes_another_name(written, place, space):
    assert names.read(written[:place] + space + written[place:]) == names.read(written)
