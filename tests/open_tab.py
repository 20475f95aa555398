"""A tab that stays open: what JupyterLab's output area makes of the messages that it gets.

After `OutputArea._onIOPub` and `OutputAreaModel` of JupyterLab 4.6, and `OutputModel` of
jupyterlab_widgets 3, one message at a time.
"""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]


class OutputArea:
    """The outputs of one cell; `take` in the order of the messages."""

    def __init__(self, outputs: list[dict[str, Any]] | None = None) -> None:
        """Begin empty, or as `fromJSON` does with restored outputs."""
        self.outputs: list[dict[str, Any]] = []
        self.displays: dict[str, list[int]] = {}
        self.clear_next = False
        self._widgets: set[str] = set()
        self._hooks: set[str] = set()
        self._index = 0
        for output in outputs or []:
            self._add(output)

    def go_on(
        self, displays: dict[str, list[int]], cursor: int | None, *, clear_next: bool
    ) -> None:
        """Know what a restored run that goes on had besides its outputs."""
        self.displays, self.clear_next = displays, clear_next
        self._index = cursor or 0

    def take(self, message: Message) -> None:
        """Take an iopub message."""
        kind, content = message["msg_type"], message["content"]
        if kind.startswith("comm_"):
            self._hook(content, message["parent_header"]["msg_id"])
        elif not self._hooks:
            self._show(kind, content)

    def take_reply(self, content: dict[str, Any]) -> None:
        """Show help that was asked for, as `OutputArea._onExecuteReply`."""
        pages = [one for one in content.get("payload", []) if one["source"] == "page"]
        if content.get("status") == "ok" and pages:
            self._add({"output_type": "display_data", "data": pages[0]["data"], "metadata": {}})

    def _hook(self, content: dict[str, Any], msg_id: str) -> None:
        """Have output widgets take the messages of the request that they name."""
        state, widget = content.get("data", {}).get("state", {}), content["comm_id"]
        if state.get("_model_name") == "OutputModel":
            self._widgets.add(widget)
        if widget in self._widgets and "msg_id" in state:
            hooked = state["msg_id"] == msg_id
            (self._hooks.add if hooked else self._hooks.discard)(widget)

    def _show(self, kind: str, content: dict[str, Any]) -> None:
        display_id = (content.get("transient") or {}).get("display_id")
        if kind == "clear_output":
            self.clear_next = True
            if not content["wait"]:
                self._clear()
        elif display_id in self.displays and kind != "stream":
            for place in self.displays[display_id]:
                self.outputs[place] = _rich("display_data", content)
        if kind in ("stream", "display_data", "execute_result", "error"):
            if self.clear_next:
                self._clear()
            self._add(_output(kind, content))
        if display_id and kind == "display_data":
            self.displays.setdefault(display_id, []).append(len(self.outputs) - 1)

    def _clear(self) -> None:
        self.outputs, self.displays, self.clear_next = [], {}, False

    def _add(self, output: dict[str, Any]) -> None:
        if output["output_type"] != "stream":
            self.outputs.append(output)
            return
        last = self.outputs[-1] if self.outputs else {}
        if (last.get("output_type"), last.get("name")) != ("stream", output["name"]):
            self.outputs.append({**output, "text": ""})
            self._index = 0
        for char in output["text"]:
            self._type(char)

    def _type(self, char: str) -> None:
        stream, at = self.outputs[-1], self._index
        text = stream["text"]
        if char == "\b":
            if at and text[at - 1] != "\n":
                text, at = text[: at - 1] + text[at + 1 :], at - 1
        elif char == "\r":
            at = text.rfind("\n", 0, at) + 1
        elif char == "\n":
            text, at = text + "\n", len(text) + 1
        else:
            text, at = text[:at] + char + text[at + 1 :], at + 1
        stream["text"], self._index = text, at


def _output(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    if kind == "stream":
        return {"output_type": kind, "name": content["name"], "text": content["text"]}
    if kind == "error":
        return {"output_type": kind, **content}
    return _rich(kind, content)


def _rich(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    output = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
    if kind == "execute_result":
        output["execution_count"] = content["execution_count"]
    return output
