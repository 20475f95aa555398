"""The recorded state of widgets, as notebooks and executions show it.

Format: https://ipywidgets.readthedocs.io/en/stable/embedding.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..records.widgets import VIEW, references_in

STATE = "application/vnd.jupyter.widget-state+json"


class Widgets:
    """All models of a session, each as the JSON that STATE has of it, by its id."""

    def __init__(self, models: Mapping[str, str]) -> None:
        self._models = models

    def shown(self, ids: Iterable[str]) -> dict[str, str]:
        """Return those of these models that are known, with all that they are made of."""
        found: dict[str, str] = {}
        waiting = list(ids)
        while waiting:
            model_id = waiting.pop()
            model = self._models.get(model_id)
            if model is not None and model_id not in found:
                found[model_id] = model
                waiting += references_in(model)
        return found

    def state(self, ids: Iterable[str]) -> str | None:
        """Return a STATE as JSON in ASCII that shows these models; None where none is known."""
        found = self.shown(ids)
        if not found:
            return None
        models = ",\n".join(f"{json.dumps(id_)}:{model}" for id_, model in sorted(found.items()))
        return f'{{"version_major":2,"version_minor":0,"state":{{\n{models}\n}}}}'


def views_of(notebook: Mapping[str, Any]) -> list[str]:
    """Return the ids of the models that a notebook's outputs show."""
    return list(dict.fromkeys(_views(notebook)))


def model_of(view: Any) -> str | None:
    """Return the id of the model that a VIEW shows."""
    model_id = view.get("model_id") if isinstance(view, dict) else None
    return model_id if isinstance(model_id, str) else None


def _views(notebook: Mapping[str, Any]) -> Iterator[str]:
    cells = notebook.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in outputs if isinstance(outputs, list) else ():
            data = output.get("data") if isinstance(output, dict) else None
            model_id = model_of(data.get(VIEW)) if isinstance(data, dict) else None
            if model_id is not None:
                yield model_id
