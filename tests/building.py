"""The package as its users get it: an sdist and a wheel of what is here, built once for all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.front_end import provide_node

ROOT = Path(__file__).parents[1]
NODE = {"node", "nodejs", "npm", "npx", "corepack"}


def run(*command: str | Path, cwd: Path, env: dict[str, str]) -> str:
    """Run a command and return all it wrote; it must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@dataclass(frozen=True)
class Build:
    """What `build_once` made."""

    folder: Path

    @property
    def clone(self) -> Path:
        """The clone that the sdist was made in; npm's packages are in it."""
        return self.folder / "clone"

    @property
    def sdist(self) -> Path:
        (path,) = self.folder.glob("*.tar.gz")
        return path

    @property
    def wheel(self) -> Path:
        """Made of the sdist, with no Node at hand."""
        (path,) = self.folder.glob("*.whl")
        return path

    def new_clone(self, folder: Path) -> Path:
        """Make another clone, which has npm's packages already."""
        copy_repository(folder)
        packages = Path("labextension", "node_modules")
        (folder / packages).symlink_to(self.clone / packages)
        return folder


def build_once(folder: Path) -> Build:
    """Build as a maintainer does, or take what another process of this test run has built."""
    build, done = Build(folder), folder / "done"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not done.exists():
            copy_repository(build.clone)
            _build(build)
            done.touch()
    return build


def _build(build: Build) -> None:
    env = {**os.environ, "PATH": path_with_node()}
    target = ("--out-dir", build.folder)
    run(*UV, "build", "--sdist", *target, build.clone, cwd=build.clone, env=env)
    assert run("git", "status", "--porcelain", cwd=build.clone, env=env) == ""
    env["PATH"] = path_without_node(build.folder / "programs")
    run(*UV, "build", "--wheel", *target, build.sdist, cwd=build.folder, env=env)


UV = (sys.executable, "-m", "uv")


def copy_repository(clone: Path) -> Path:
    """Make a repository of what git would commit of this one, and nothing that was built."""
    listing = run(
        *("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"),
        cwd=ROOT,
        env=dict(os.environ),
    )
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    author = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "All"]):
        run("git", *command, cwd=clone, env=dict(os.environ))
    return clone


def path_with_node() -> str:
    """Return a PATH on which there is a Node that is fit."""
    before = os.environ["PATH"]
    try:
        provide_node()
        return os.environ["PATH"]
    finally:
        os.environ["PATH"] = before


def path_without_node(programs: Path) -> str:
    """Return a PATH with every program of this machine but Node's."""
    programs.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            link = programs / program.name
            if program.name not in NODE and not link.is_symlink():
                link.symlink_to(program)
    return str(programs)


@dataclass(frozen=True)
class Environment:
    """A virtual environment of a test's own."""

    prefix: Path

    @classmethod
    def make(cls, prefix: Path, python: str | Path = sys.executable) -> Environment:
        run(*UV, "venv", "--quiet", "--seed", "--python", python, prefix, cwd=ROOT, env=clean())
        return cls(prefix)

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        return self.prefix / "bin" / name

    def install(self, *what: str | Path) -> None:
        """Install by uv, which takes seconds where pip takes half a minute."""
        command = (*UV, "pip", "install", "--quiet", "--python", self.python, *what)
        run(*command, cwd=self.prefix, env=clean())

    def pip(self, *arguments: str | Path, cwd: Path | None = None, path: str = "") -> str:
        """Call this environment's own pip, as its users do."""
        env = clean() if not path else {**clean(), "PATH": path}
        return run(self.python, "-m", "pip", *arguments, cwd=cwd or self.prefix, env=env)


def clean() -> dict[str, str]:
    """Return this process's environment without what would let this clone's code in."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
