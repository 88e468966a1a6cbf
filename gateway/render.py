"""Turns the template into a configuration that nginx can read."""

import re
from collections.abc import Mapping

# Only names in braces are ours: nginx's own variables are written without them.
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

# Characters with a meaning of their own to nginx: a value that brings one could
# end the directive it stands in and begin another.
FORBIDDEN = re.compile(r"[\x00-\x1f\"'`\\;{}$#*]")


def render(template: str, variables: Mapping[str, str]) -> str:
    """The template with every placeholder replaced by the variable of its name.

    Raises ValueError where a placeholder has no variable, a variable has no
    placeholder, or a value could be read as more than one word of configuration.
    """
    wanted = set(PLACEHOLDER.findall(template))
    faults = [f"{name} is missing" for name in sorted(wanted - variables.keys())]
    faults += [f"{name} is unknown" for name in sorted(variables.keys() - wanted)]
    faults += [
        f"{name} holds a character that nginx gives a meaning"
        for name, value in sorted(variables.items())
        if FORBIDDEN.search(value)
    ]
    if faults:
        raise ValueError("gateway: " + "; ".join(faults))
    return PLACEHOLDER.sub(lambda found: variables[found[1]], template)
