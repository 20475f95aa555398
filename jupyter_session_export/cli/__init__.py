"""`jupyter session-export`: the record of this account, from a terminal."""

from .command import main

__all__ = ["main"]
