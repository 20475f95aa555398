"""From the old shared layout into a session: verified, resumable, and undone to the byte."""
