"""Packages of sessions: installed once for each set and interpreter, shared, never in an env."""

from .activation import activate, interpreter_of
from .layers import Layer, Layers
from .requirements import Requirements

__all__ = ["Layer", "Layers", "Requirements", "activate", "interpreter_of"]
