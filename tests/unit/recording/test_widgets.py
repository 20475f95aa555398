"""Comm messages as the models of widgets."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording import widgets as module
from jupyter_session_export.recording.widgets import WidgetFold
from jupyter_session_export.recording.wire import Message
from jupyter_session_export.records.widgets import UNKNOWN

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
SLIDER = {
    "_model_name": "IntSliderModel",
    "_model_module": "@jupyter-widgets/controls",
    "_model_module_version": "2.0.0",
    "value": 7,
    "layout": "IPY_MODEL_layout",
}


def comm(kind: str, comm_id: str = "a", buffers: Any = (), **content: Any) -> Message:
    message = Message({"msg_type": f"comm_{kind}", "msg_id": "m"}, ("p", "execute_request", ""))
    message.content = {"comm_id": comm_id, **content}
    message.buffers = list(buffers)
    return message


def opening(comm_id: str = "a", state: Any = None, **more: Any) -> Message:
    data = {"state": SLIDER if state is None else state, **more.pop("data", {})}
    return comm("open", comm_id, target_name="jupyter.widget", data=data, **more)


def update(comm_id: str = "a", method: str = "update", **more: Any) -> Message:
    buffers = more.pop("buffers", ())
    paths = more.pop("buffer_paths", [])
    return comm(
        "msg", comm_id, buffers, data={"method": method, "state": more, "buffer_paths": paths}
    )


def folded(*messages: Message) -> dict[str, dict[str, Any]]:
    fold = WidgetFold("k")
    for message in messages:
        fold.take(message, 1, AT)
    assert fold.size == sum(model.size for model in fold.models.values())
    return {model.id: json.loads(model.document) for model in fold.changes()[0]}


def test_a_model_is_as_a_notebook_has_it() -> None:
    """Its name, module and version stand beside its whole state, as nbformat has them."""
    assert folded(opening())["a"] == {
        "model_name": "IntSliderModel",
        "model_module": "@jupyter-widgets/controls",
        "model_module_version": "2.0.0",
        "state": SLIDER,
    }


def test_updates_change_single_values() -> None:
    """An update, and the echo of a front end's, change what they name and nothing else."""
    found = folded(opening(), update(value=8), update(method="echo_update", max=9))
    assert found["a"]["state"] == {**SLIDER, "value": 8, "max": 9}


def test_other_messages_change_nothing() -> None:
    """Custom messages, requests for state, other targets and unknown comms leave no trace."""
    found = folded(
        opening(),
        update(method="custom", value=9),
        comm("msg", data={"method": "request_state"}),
        comm("msg", data="rubbish"),
        comm("open", "b", target_name="other", data={"state": {}}),
        update("never opened", value=1),
    )
    assert found == folded(opening())


def test_a_closed_model_is_gone() -> None:
    """A closed one leaves the state, and what comes after it means nothing."""
    fold = WidgetFold("k")
    for message in (opening(), comm("close"), update(value=1)):
        fold.take(message, 1, AT)
    assert fold.changes() == ([], ["a"])
    assert fold.size == 0


def test_binary_values_are_base64_by_their_path() -> None:
    """Buffers lie where their paths say; the next update of the same value takes their place."""
    image = opening(state={"_model_name": "ImageModel"}, data={"buffer_paths": [["value"]]})
    image.buffers = [b"one"]
    nested = update(rows=[None], buffer_paths=[["rows", 0]], buffers=[b"deep"])
    renewed = update(buffer_paths=[["value"]], buffers=[memoryview(b"two")])
    assert folded(image, nested, renewed)["a"]["buffers"] == [
        {"path": ["rows", 0], "encoding": "base64", "data": "ZGVlcA=="},
        {"path": ["value"], "encoding": "base64", "data": "dHdv"},
    ]
    text = folded(image, update(value="text"))["a"]
    assert "buffers" not in text
    assert text["state"]["value"] == "text"


def test_hostile_messages_do_no_harm() -> None:
    """Paths that lead nowhere and values that are no JSON are left out, the rest is kept."""
    paths: Any = [[], [0], "x", [["value"]], None]
    found = folded(
        opening(state=[1], data={"buffer_paths": 5}),
        update(value=float("nan"), max=2, buffer_paths=paths, buffers=[b"x"] * 5),
        comm("msg", [1], data={}),  # type: ignore[arg-type]
    )
    assert found["a"]["state"] == {"max": 2}


def test_passwords_are_never_kept() -> None:
    """What is typed into a Password widget stays out of its state."""
    state = {"_model_name": "PasswordModel", "value": "hunter2", "description": "Key:"}
    found = folded(opening(state=state), update(value="hunter3"))
    assert found["a"]["state"] == {**state, "value": ""}


def test_our_own_panel_is_left_out_with_its_parts() -> None:
    """A comm that is marked is not recorded, nor the models that it is made of, nor updates."""
    part = opening("part", {"_model_name": "ButtonModel", "style": "IPY_MODEL_style"})
    marked = opening("panel", {"children": ["IPY_MODEL_part"], "session_export": True})
    by_metadata = opening("other", {})
    by_metadata.metadata = {"session_export": True}
    messages = (opening("style", {}), part, marked, by_metadata)
    assert folded(*messages, update("panel", a=1), update("part", a=1)) == {}
    assert set(folded(opening("a"), *messages)) == {"a"}


def test_what_is_too_large_is_left_out(monkeypatch: Any) -> None:
    """A model that grows too large goes; where there are too many in all, the oldest go."""
    monkeypatch.setattr(module, "MOST_MODEL_BYTES", 1000)
    monkeypatch.setattr(module, "MOST_BYTES", 1500)
    small = {"text": "x" * 600}
    found = folded(
        opening("a", small), opening("b", small), opening("c", small), update("c", text="x" * 2000)
    )
    assert set(found) == {"b"}
    monkeypatch.setattr(module, "MOST_MODELS", 2)
    assert set(folded(*(opening(id_, {}) for id_ in "abc"))) == {"b", "c"}


def test_only_what_changed_is_written_again() -> None:
    """After a write only changed models are handed out, and all after one that was lost."""
    fold = WidgetFold("k")
    for id_ in "ab":
        fold.take(opening(id_), 1, AT)
    fold.note_written()
    for value in range(10_000):
        fold.take(update("b", value=value), 1, AT)
    changed, gone = fold.changes()
    assert [model.id for model in changed] == ["b"]
    assert gone == []
    fold.note_written()
    fold.note_lost()
    assert [model.id for model in fold.changes()[0]] == ["a", "b"]


def test_who_changed_a_model_is_known() -> None:
    """Executions that opened or changed it are noted; one that isn't known stands for any."""
    fold = WidgetFold("k")
    fold.take(opening("a"), 3, AT)
    fold.take(update("a", value=1), 5, AT)
    fold.take(update("a", value=2), None, AT)
    fold.take(opening("b"), None, AT)
    executions = {model.id: model.executions for model in fold.changes()[0]}
    assert executions == {"a": {3, 5}, "b": {UNKNOWN}}


VALUES = st.sampled_from([None, True, 0, 1.5, "", "\ud800", "IPY_MODEL_b", [1, [2]], {"é": {}}])
STATES = st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES, max_size=3)


@given(STATES, st.lists(STATES, max_size=5))
def test_folding_is_a_merge_of_dictionaries(first: dict[str, Any], then: list[Any]) -> None:
    """The state after any updates is that of merging them one after the other."""
    expected = dict(first)
    for state in then:
        expected |= state
    found = folded(opening(state=first), *(update(**state) for state in then))
    assert found["a"]["state"] == expected
