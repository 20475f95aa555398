"""Exports: from a request to a ZIP, composed of the record and the archive."""
