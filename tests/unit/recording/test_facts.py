"""What a kernel manager and a kernel say of the kernel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_session_export.recording.facts import facts
from jupyter_session_export.records.execution import Kernel

KERNEL = Kernel("k1", "python3", "python", ".py")


@pytest.mark.parametrize(
    ("features", "metadata", "expected"),
    [
        (["debugger", "kernel subshells"], {"debugger": True}, True),
        (["debugger"], {}, False),
        ([], {"debugger": True}, False),
        (None, {"debugger": True}, False),
        (["debugger"], None, None),
    ],
)
def test_debugger_takes_the_word_of_both(
    features: list[str] | None, metadata: dict[str, Any] | None, expected: bool | None
) -> None:
    """A kernel has a debugger where its spec and the kernel itself say so."""
    manager = SimpleNamespace(kernel_spec=SimpleNamespace(metadata=metadata))
    info = {"implementation": "some", "supported_features": features}
    assert facts(KERNEL, info, manager)["debugger"] is expected


@pytest.mark.parametrize(("metadata", "expected"), [({"debugger": True}, None), ({}, False)])
def test_kernel_that_says_nothing(metadata: dict[str, Any], expected: bool | None) -> None:
    """Of a kernel that is silent it isn't known, unless its spec names no debugger."""
    manager = SimpleNamespace(kernel_spec=SimpleNamespace(metadata=metadata))
    assert facts(KERNEL, {}, manager)["debugger"] is expected
