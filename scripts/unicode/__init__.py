"""Tables of Unicode: made by `scripts/gen-unicode`, compared with the references by `scripts/conformance-unicode`."""
