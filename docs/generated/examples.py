"""The examples, from their own files."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def examples_text() -> str:
    """Return a section for each script, headed by what its docstring begins with."""
    return "\n".join(map(_section, sorted(EXAMPLES.glob("*.py"))))


def _section(path: Path) -> str:
    code = path.read_text(encoding="utf-8")
    return f"## {path.stem.replace('_', ' ').capitalize()}\n\n```python\n{code}```\n"
