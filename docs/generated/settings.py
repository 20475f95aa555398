"""The settings, from the traits themselves."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode

from jupyter_session_export.settings import SessionExport

KINDS = {
    Bool: "True or False",
    Integer: "a whole number",
    Float: "a number",
    Unicode: "a text",
    List: "a list of texts",
    Dict: "a mapping",
}


def settings_text() -> str:
    """Return a section for each setting, in the order of the class."""
    traits: dict[str, Any] = SessionExport.class_own_traits(config=True)
    return "\n".join(_section(name, traits[name]) for name in vars(SessionExport) if name in traits)


def _section(name: str, trait: Any) -> str:
    text = " ".join(trait.help.split())
    return f"## `{name}`\n\n*{_kind(trait)}*\n\n{text}\n"


def _kind(trait: Any) -> str:
    if isinstance(trait, Enum):
        return " or ".join(f'"{value}"' for value in trait.values or ())
    return next(words for kind, words in KINDS.items() if isinstance(trait, kind))
