"""Makes a layer's packages those of a Python kernel that runs."""

from __future__ import annotations

from pathlib import Path

from ...errors import NotSupported
from ..asking import ask
from ..link import KernelLink
from .layers import Layer

_ACTIVATE = """
import importlib, os, sys
if site not in sys.path:
    # A module beside the notebook goes before them, as it does before all others.
    sys.path.insert(1 if sys.path[:1] == [''] else 0, site)
for name, folder in (('PYTHONPATH', site), ('PATH', os.path.join(site, 'bin'))):
    there = [each for each in os.environ.get(name, '').split(os.pathsep) if each]
    if folder not in there:
        os.environ[name] = os.pathsep.join([folder, *there])
importlib.invalidate_caches()
"""


async def interpreter_of(link: KernelLink) -> Path:
    """Return the Python that a kernel runs. Raises NotSupported for others, or elsewhere."""
    if link.kernel.language != "python" or link.pid is None:
        raise NotSupported(
            "Packages can't be installed for this session.",
            "That takes a Python kernel on this machine.",
        )
    text = "__import__('json').dumps(__import__('sys').executable)"
    return Path(await ask(link, "", text))


async def activate(link: KernelLink, layer: Layer) -> None:
    """Have the kernel, and the processes that it starts, find the packages before others."""
    code = f"exec({_ACTIVATE!r}, {{'site': {str(layer.site)!r}}})"
    await ask(link, code, "'null'")
