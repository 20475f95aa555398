"""The packages that a session was given, in whichever kernel it has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..errors import NotSupported
from .ground import Ground
from .link import KernelLink
from .packages import Layer, activate, interpreter_of
from .packages.requirements import Requirements, Versions


class Provisions:
    """Layers that are in use by one session, in the order in which they were asked for."""

    def __init__(self, ground: Ground | None) -> None:
        self._ground = ground
        self._layers: dict[Versions, Layer] = {}

    async def add(
        self, packages: Sequence[str], link: KernelLink, on_line: Callable[[str], None]
    ) -> None:
        """Install what isn't there yet, and have the kernel find it. Raises PackagesFailed."""
        if not packages:
            return
        wanted = await asyncio.to_thread(lambda: Requirements.parse(packages).versions())
        if wanted in self._layers:
            return
        if self._ground is None:
            raise NotSupported(
                "Packages can be installed for sessions of this machine only.",
                "On a server, install them by code: `%pip install ...`.",
            )
        layer = await self._ground.layers.get(packages, await interpreter_of(link), on_line=on_line)
        try:
            await activate(link, layer)
        except BaseException:
            layer.release()
            raise
        self._layers[wanted] = layer

    async def renew(self, link: KernelLink) -> None:
        """Have a fresh kernel find them, too."""
        for layer in self._layers.values():
            await activate(link, layer)

    def installed(self) -> tuple[str, ...]:
        """Return all that was installed, as `name==version`; of two versions the kernel's."""
        found: dict[str, str] = {}
        for layer in self._layers.values():
            # The kernel finds the newest layer first.
            found |= layer.installed()
        return tuple(sorted(f"{name}=={version}" for name, version in found.items()))

    def release(self) -> None:
        """Use none of them any more."""
        for layer in self._layers.values():
            layer.release()
        self._layers.clear()
