"""The flight recorder of Jupyter: every session recorded, taken away as one verified ZIP."""

__version__ = "0.1.0"
