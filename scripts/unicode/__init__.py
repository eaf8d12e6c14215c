"""Tables of Unicode: made by `scripts/gen-unicode`."""
