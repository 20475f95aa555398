"""Which installed kernel speaks a language, and how to get one that does. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import KernelNotInstalled

ALIASES = {
    "py": "python",
    "python3": "python",
    "sh": "bash",
    "shell": "bash",
    "js": "javascript",
    "node": "javascript",
    "ts": "typescript",
}
SPOKEN_BY = {"javascript": ("javascript", "typescript")}
"""TypeScript's kernels run JavaScript as it is."""
PREFERRED = ("python3", "bash", "deno", "ir")
"""Kernelspecs that go before others of the same language."""
WAYS = {
    "python": "pip install ipykernel",
    "bash": "pip install bash_kernel && python -m bash_kernel.install --sys-prefix",
    "javascript": "pip install deno && deno jupyter --install",
    "typescript": "pip install deno && deno jupyter --install",
    "r": "in R: install.packages('IRkernel'); IRkernel::installspec()",
    "julia": 'in Julia: using Pkg; Pkg.add("IJulia")',
    "c++": "conda install -c conda-forge xeus-cling",
    "ruby": "gem install iruby && iruby register --force",
    "go": "https://github.com/janpfeifer/gonb",
    "java": "https://github.com/jupyter-java/jbang-catalog",
}
ALL_KERNELS = "https://github.com/jupyter/jupyter/wiki/Jupyter-kernels lists kernels."


def choose_kernel(specs: Mapping[str, str], language: str, kernel: str | None = None) -> str:
    """Return the name of a kernelspec; `specs` has each one's language.

    Raises KernelNotInstalled, with a way to install one.
    """
    if kernel is not None:
        if kernel in specs:
            return kernel
        raise KernelNotInstalled(
            f"No kernel is called {kernel!r} here.", f"There are: {_listed(specs)}."
        )
    wanted = ALIASES.get(language.lower(), language.lower())
    spoken = SPOKEN_BY.get(wanted, (wanted,))
    found = [name for name, its in specs.items() if its.lower() in spoken]
    if not found:
        raise KernelNotInstalled(
            f"No kernel for {language} is installed here.",
            f"{_way(wanted)} Languages that are there: {_listed(specs.values())}.",
        )
    return min(found, key=lambda name: (name not in PREFERRED, name))


def _way(language: str) -> str:
    way = WAYS.get(language)
    return ALL_KERNELS if way is None else f"To install one: {way}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))) or "none"
