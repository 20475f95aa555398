"""Every kernelspec: whether its kernel can start, and has the plugin in its own environment."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from ... import __version__
from .commands import installing_us, mending_us, pip_install, replacing_us, trying
from .finding import Finding, found, well
from .probe import ProbeFailed, ProbeTimedOut, ask

SECONDS = 30.0
"""An interpreter on a slow disk takes many to import IPython."""
SIDE_BY_SIDE = 4
PROBE = Path(__file__).parents[2] / "kernel" / "probe.py"
"""Handed over as text, since other environments don't have it."""
LOCAL = "local-provisioner"
_PYTHON = re.compile(r"(python|pypy)[0-9.]*(\.exe)?", re.IGNORECASE)


@dataclass(frozen=True)
class Kernel:
    """A kernelspec, as jupyter_client would start it; `environment` is what that sets besides."""

    name: str
    argv: Sequence[str]
    language: str
    environment: Mapping[str, str]
    provisioner: str = LOCAL

    @cached_property
    def program(self) -> str | None:
        """The file that is run; None where there is none."""
        return shutil.which(self.argv[0]) if self.argv else None

    @property
    def module(self) -> str:
        """What a Python is told to run by `-m`; empty where it isn't a Python, or not so."""
        is_python = bool(self.argv) and _PYTHON.fullmatch(Path(self.argv[0]).name)
        after = self.argv[self.argv.index("-m") + 1 :] if "-m" in self.argv else []
        return after[0] if is_python and after else ""

    @property
    def is_ipython(self) -> bool:
        """Tell whether it is an IPython whose interpreter can be asked."""
        return self.provisioner == LOCAL and self._runs_ipython

    @property
    def _runs_ipython(self) -> bool:
        return self.module in ("ipykernel", "ipykernel_launcher") or (
            self.module == "xpython_launcher" and "--raw" not in self.argv
        )

    @property
    def question(self) -> tuple[Any, ...]:
        """What tells whether another kernelspec would get the same answer."""
        return self.program, self.module, tuple(sorted(self.environment.items()))


def examine_kernels(name: str | None = None) -> Iterator[Finding]:
    """Look at all kernelspecs, or at that of a name."""
    manager = KernelSpecManager()
    folders = manager.find_kernel_specs()
    if name is not None and name not in folders:
        known = ", ".join(sorted(folders)) or "none"
        yield found(
            "KERNEL_UNKNOWN",
            f"No kernelspec is named {name}; known: {known}.",
            "jupyter kernelspec list",
        )
        return
    if not folders:
        yield found(
            "KERNELS_MISSING",
            "No kernel is installed, so nothing can run.",
            pip_install("ipykernel"),
        )
    kernels: list[Kernel] = []
    for each in [name] if name is not None else sorted(folders):
        try:
            kernels.append(_read(manager, each))
        except Exception as error:  # noqa: BLE001  # the file may hold anything
            yield found(
                "KERNEL_SPEC_BROKEN",
                f"{each}: its kernel.json can't be read: {error}",
                f"jupyter kernelspec remove {each}",
                kernel=each,
                folder=folders[each],
            )
    answers = _ask_all(kernels)
    for kernel in kernels:
        yield judge(kernel, answers.get(kernel.question))


def judge(kernel: Kernel, answer: dict[str, Any] | ProbeFailed | None) -> Finding:
    """Tell how a kernel is, by what its interpreter says; None where it can't be asked."""
    facts: dict[str, Any] = {
        "kernel": kernel.name,
        "language": kernel.language,
        "argv": list(kernel.argv),
    }
    if kernel.provisioner != LOCAL:
        return well(
            "KERNEL_RECORDED_ONLY",
            f"{kernel.name}: started by {kernel.provisioner}, which may be elsewhere; not asked.",
            **facts,
        )
    if kernel.program is None:
        gone = kernel.argv[0] if kernel.argv else "its program"
        return found(
            "KERNEL_INTERPRETER_GONE",
            f"{kernel.name}: {gone} is not there, so this kernel can't start.",
            f"jupyter kernelspec remove {kernel.name}",
            **facts,
        )
    if answer is None:
        return well(
            "KERNEL_RECORDED_ONLY",
            f"{kernel.name}: recorded by servers; the magics are for IPython.",
            **facts,
        )
    if isinstance(answer, ProbeTimedOut):
        message = f"{kernel.name}: {kernel.program} did not answer within {SECONDS:g} s."
        return found("KERNEL_SILENT", message, trying(kernel.program), **facts)
    if isinstance(answer, ProbeFailed):
        message = f"{kernel.name}: {kernel.program} does not work: {answer.why}"
        return found("KERNEL_BROKEN", message, trying(kernel.program), **facts)
    return _judge_answer(kernel, kernel.program, answer, {**facts, **answer})


def _judge_answer(
    kernel: Kernel, program: str, answer: Mapping[str, Any], facts: Mapping[str, Any]
) -> Finding:
    name, plugin = kernel.name, answer["plugin"]
    if not answer["launched"]:
        package = "ipykernel" if "ipykernel" in kernel.module else "xeus-python"
        return found(
            "KERNEL_BROKEN",
            f"{name}: {program} has no {package}, so this kernel can't start.",
            pip_install(package, program),
            **facts,
        )
    if answer["error"]:
        message = f"{name}: the plugin can't be imported: {answer['error']}"
        return found("KERNEL_PLUGIN_BROKEN", message, mending_us(program), **facts)
    if plugin is None:
        return found(
            "KERNEL_WITHOUT_PLUGIN",
            f"{name}: recorded by servers, but without %session_export and the panel.",
            installing_us(program),
            **facts,
        )
    if answer["startup"] is None:
        message = f"{name}: the plugin is there, but IPython doesn't load it by itself."
        return found("KERNEL_PLUGIN_NOT_LOADED", message, replacing_us(program), **facts)
    if plugin != __version__:
        message = f"{name}: the plugin is of version {plugin}, the server's of {__version__}."
        return found("KERNEL_PLUGIN_OTHER_VERSION", message, installing_us(program), **facts)
    return well(
        "KERNEL", f"{name}: Python {answer['python']}, the plugin is loaded at its start.", **facts
    )


def _read(manager: KernelSpecManager, name: str) -> Kernel:
    spec = manager.get_kernel_spec(name)
    argv = list(spec.argv)
    major, minor = sys.version_info[:2]
    # As jupyter_client does it: by these names an environment's own interpreter is meant.
    if argv and argv[0] in ("python", f"python{major}", f"python{major}.{minor}"):
        argv[0] = sys.executable
    argv = [part.replace("{resource_dir}", spec.resource_dir) for part in argv]
    argv = [part.replace("{prefix}", sys.prefix) for part in argv]
    environment = {name: os.path.expandvars(value) for name, value in spec.env.items()}
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name", LOCAL)
    return Kernel(name, argv, spec.language, environment, provisioner)


def _ask_all(kernels: Sequence[Kernel]) -> dict[tuple[Any, ...], dict[str, Any] | ProbeFailed]:
    """Ask each interpreter once, several at a time."""
    asked = {each.question: each for each in kernels if each.is_ipython and each.program}
    with ThreadPoolExecutor(SIDE_BY_SIDE, "session-export-doctor") as threads:
        return dict(zip(asked, threads.map(_ask, asked.values()), strict=True))


def _ask(kernel: Kernel) -> dict[str, Any] | ProbeFailed:
    source = PROBE.read_text(encoding="utf-8")
    command = [kernel.program or "", "-c", source, kernel.module]
    try:
        return ask(command, SECONDS, kernel.environment)
    except ProbeFailed as error:
        return error
