"""The session's own files: kept apart, found, removed, and taken over from the old layout."""
