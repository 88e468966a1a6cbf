"""Telephone numbers as people write them (rules 2, LEAD-04)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import phones


@pytest.mark.parametrize(
    "written",
    [
        "13800006666",
        "138 0000 6666",
        "138-0000-6666",
        "+86 13800006666",
        "+8613800006666",
        "0086-138-0000-6666",
        "86 138 0000 6666",
        "(138)00006666",
        "（138）0000-6666",
        "１３８００００６６６６",
        "＋８６　138 0000 6666",
        "138–0000–6666",
    ],
)
def test_one_mobile_number_in_many_spellings_is_one_number(written):
    read = phones.read(written)

    assert (read.canonical, read.kind) == ("13800006666", "mobile")
    assert read.raw == written


@pytest.mark.parametrize(
    ("written", "canonical", "kind"),
    [
        ("021-6888 1234", "02168881234", "landline"),
        ("(0755) 2688-1234", "075526881234", "landline"),
        ("+86 021 68881234", "02168881234", "landline"),
        ("400-820-8820", "4008208820", "service"),
        ("800 820 8820", "8008208820", "service"),
        ("+1 (415) 555-0100", "+14155550100", "other"),
        ("95588", "95588", "other"),
        ("8613", "8613", "other"),
    ],
)
def test_each_kind_of_line_is_told_apart(written, canonical, kind):
    read = phones.read(written)

    assert (read.canonical, read.kind) == (canonical, kind)


@pytest.mark.parametrize(
    "written", ["", "   ", "1380000666a", "138.0000.6666", "--", "+", "138转8", "1" * 50, "١٢٣"]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(phones.NotAPhone):
        phones.read(written)


def test_forty_nine_characters_are_a_number_and_fifty_are_none():
    assert phones.read("1" * 49).canonical == "1" * 49
    with pytest.raises(phones.NotAPhone):
        phones.read("1" * 50)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_what_is_read_is_read_the_same_again(written):
    try:
        read = phones.read(written)
    except phones.NotAPhone:
        return

    assert phones.read(read.canonical).canonical == read.canonical
