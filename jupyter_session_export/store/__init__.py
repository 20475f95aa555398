"""Keep what was recorded: a folder per session with a database, blobs and spool files."""
