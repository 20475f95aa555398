"""The session's own files: outputs, recordings, readings, clean-up and migration."""
