"""Chat templates against Hugging Face: see scripts/conformance-templates and scripts/bench-templates."""
