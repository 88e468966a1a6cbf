"""Rendering replaces what is ours, leaves what is nginx's, and refuses surprises."""

import pytest

from gateway.render import render


def test_names_in_braces_are_replaced_and_the_others_stay() -> None:
    assert render("listen ${PORT}; set $x $uri;", {"PORT": "80"}) == "listen 80; set $x $uri;"


def test_a_name_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="PORT is missing"):
        render("listen ${PORT};", {})


def test_a_value_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="HOST is unknown"):
        render("listen ${PORT};", {"PORT": "80", "HOST": "x"})


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="A is missing; B is missing; C is unknown"):
        render("${B} ${A}", {"C": ""})


@pytest.mark.parametrize(
    "value", ["80; root /", "a{b", "a}b", "$uri", '"', "'", "a\nb", "a#b", "\\"]
)
def test_a_value_cannot_bring_configuration_of_its_own(value: str) -> None:
    with pytest.raises(ValueError, match="PORT holds a character"):
        render("listen ${PORT};", {"PORT": value})


def test_a_value_is_never_rendered_again() -> None:
    with pytest.raises(ValueError, match="A holds a character"):
        render("${A} ${B}", {"A": "${B}", "B": "b"})
