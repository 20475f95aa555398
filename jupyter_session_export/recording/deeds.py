"""What a call of a contents manager means to people: a file was opened, saved, renamed … Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..records.activity import Deed

LAST_CHUNK = -1
"""Large uploads come in chunks 1, 2, 3 … -1 (Jupyter's REST API)."""

Call = Mapping[str, Any]
"""The arguments of a call, by name."""


def deed_of(method: str, call: Call, result: Any, user: str | None) -> Deed | None:
    """Return what somebody did by a call that has ended well; None for what is no deed."""
    return _DEEDS[method](call, result if isinstance(result, Mapping) else {}, user)


def api_path(path: Any) -> str:
    """Return a path as sessions know it; handlers pass some with a slash before."""
    return str(path).strip("/")


def _opened(call: Call, model: Call, user: str | None) -> Deed | None:
    if not call.get("content", True) or model.get("type") == "directory":
        return None
    path = api_path(call["path"])
    return Deed(f"{_kind(path, model)}.open", path, user)


def _saved(call: Call, model: Call, user: str | None) -> Deed | None:
    given = call["model"]
    chunk = given.get("chunk")
    if chunk is not None and chunk != LAST_CHUNK:
        return None
    uploaded = chunk == LAST_CHUNK or given.get("format") == "base64"
    return _told("upload" if uploaded else "save", api_path(call["path"]), model, user)


def _made(call: Call, model: Call, user: str | None) -> Deed | None:
    given = call.get("model") or {}
    if given.get("chunk") is not None:
        # The last one tells of the whole.
        return None
    uploaded = given.get("format") == "base64"
    path = api_path(model.get("path", call.get("path", "")))
    return _told("upload" if uploaded else "create", path, model, user)


def _copied(call: Call, model: Call, user: str | None) -> Deed | None:
    source = api_path(call["from_path"])
    path = api_path(model.get("path", ""))
    return Deed(f"{_kind(path, model)}.copy", path, user, {"from": source})


def _renamed(call: Call, _: Call, user: str | None) -> Deed | None:
    old, new = api_path(call["old_path"]), api_path(call["new_path"])
    return None if old == new else Deed(f"{_kind(new)}.rename", new, user, {"old": old})


def _deleted(call: Call, _: Call, user: str | None) -> Deed | None:
    path = api_path(call["path"])
    return Deed(f"{_kind(path)}.delete", path, user)


def _restored(call: Call, _: Call, user: str | None) -> Deed | None:
    path = api_path(call["path"])
    return Deed(f"{_kind(path)}.restore", path, user)


def _told(what: str, path: str, model: Call, user: str | None) -> Deed:
    size = model.get("size")
    detail = {"bytes": size} if isinstance(size, int) else {}
    return Deed(f"{_kind(path, model)}.{what}", path, user, detail)


def _kind(path: str, model: Call | None = None) -> str:
    kind = (model or {}).get("type")
    if kind == "directory":
        return "folder"
    return "notebook" if kind == "notebook" or path.endswith(".ipynb") else "file"


_DEEDS: dict[str, Callable[[Call, Call, str | None], Deed | None]] = {
    "get": _opened,
    "save": _saved,
    "new": _made,
    "new_untitled": _made,
    "copy": _copied,
    "rename": _renamed,
    "delete": _deleted,
    "restore_checkpoint": _restored,
}
METHODS = tuple(_DEEDS)
