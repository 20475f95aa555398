"""A session's variables: frozen where they are, or written to disk and given back."""

from .freezing import freeze, thaw
from .rebuilding import Past, Rebuild
from .report import Kept, Lost, State
from .signing import StoreKey
from .states import SUSPENDED, States

__all__ = [
    "SUSPENDED",
    "Kept",
    "Lost",
    "Past",
    "Rebuild",
    "State",
    "States",
    "StoreKey",
    "freeze",
    "thaw",
]
