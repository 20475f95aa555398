"""Gets `inside` into a kernel, and asks it to do something."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from ...errors import NotSupported
from ..asking import ask
from ..link import KernelLink

_INSIDE = Path(__file__).with_name("inside")
_NAME = "_jupyter_session_export_state"
_LOADER = """
import importlib.util, sys
for name, folder, ours in packages:
    if name in sys.modules or not ours and importlib.util.find_spec(name):
        continue
    spec = importlib.util.spec_from_file_location(
        name, folder + "/__init__.py", submodule_search_locations=[folder]
    )
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
"""


async def ask_inside(link: KernelLink, function: str, **arguments: Any) -> dict[str, Any]:
    """Call a function of `inside` in the kernel. Raises RunFailed, KernelDied, NotSupported."""
    if link.kernel.language != "python" or link.pid is None:
        raise NotSupported(
            "The variables of this session can't be written to a file.",
            "That takes a Python kernel on this machine; `freeze` works with any kernel here.",
        )
    packages = json.dumps(
        [("cloudpickle", _folder_of("cloudpickle"), False), (_NAME, str(_INSIDE), True)]
    )
    # Nothing gets into the user's namespace: `exec` has one of its own.
    code = f"exec({_LOADER!r}, {{'packages': __import__('json').loads({packages!r})}})"
    given = json.dumps(arguments)
    told = await ask(link, code, f"__import__('sys').modules[{_NAME!r}].{function}({given!r})")
    return dict(told)


def _folder_of(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise NotSupported(f"{package} isn't installed.", f"Install it: pip install {package}")
    return str(Path(spec.origin).parent)
