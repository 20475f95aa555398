"""What a session has on the machine of its kernel, where that is this one."""

from __future__ import annotations

from dataclasses import dataclass

from .packages.layers import Layers
from .state.states import States


@dataclass(frozen=True, slots=True)
class Ground:
    """`states` is None where the session has no folder, as it isn't recorded."""

    states: States | None
    layers: Layers
