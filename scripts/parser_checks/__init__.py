"""Checks the parsers of answers against those of other servers."""
