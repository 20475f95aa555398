"""Run: code in sessions that live, account for themselves and are recorded."""
