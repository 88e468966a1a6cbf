"""How fast it is: ratios against the bare parts, all of them from one run."""
