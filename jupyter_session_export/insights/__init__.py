"""Findings about a session, from what was measured: pure functions over a time line."""
