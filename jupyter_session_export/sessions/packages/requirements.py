"""What is to be installed: checked, and known by a name that is the same for the same set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ...errors import FileMissing, InvalidRequest

FORMAT = 1
_FILES = (".whl", ".tar.gz", ".zip")
_FIND_LINKS = "--find-links="
_NO_INDEX = "--no-index"
Versions = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, int, int, int], ...]]


@dataclass(frozen=True, slots=True)
class Requirements:
    """`wanted` are requirements (PEP 508) and absolute paths of `files`; `options` the installer's.

    The order in which they were given means nothing.
    """

    wanted: tuple[str, ...]
    files: tuple[Path, ...]
    options: tuple[str, ...]

    @classmethod
    def parse(cls, packages: Iterable[str]) -> Requirements:
        """Return them checked; of options, `--find-links=…` and `--no-index` may be among them.

        Raises InvalidRequest, FileMissing.
        """
        wanted: set[str] = set()
        files: set[Path] = set()
        options: set[str] = set()
        for text in map(str.strip, packages):
            if text == _NO_INDEX or text.startswith(_FIND_LINKS):
                options.add(text)
            elif text.startswith("-"):
                raise InvalidRequest(
                    f"{text!r} is not among the options of packages.",
                    f"{_FIND_LINKS}FOLDER and {_NO_INDEX} are.",
                )
            elif text.endswith(_FILES) and "@" not in text:
                files.add(_existing(text))
            else:
                wanted.add(_normal(text))
        return cls(tuple(sorted(wanted)), tuple(sorted(files)), tuple(sorted(options)))

    def __bool__(self) -> bool:
        return bool(self.wanted or self.files)

    def versions(self) -> Versions:
        """Return what is other for another set, and for files that have changed; nothing is read.

        Raises FileMissing.
        """
        try:
            found = [(path, path.stat()) for path in self.files]
        except OSError as error:
            raise FileMissing("A package is there no more.", str(error)) from error
        states = tuple(
            (str(path), each.st_ino, each.st_size, each.st_ctime_ns) for path, each in found
        )
        return self.wanted, self.options, states

    def digest(self, interpreter: Path) -> str:
        """Return 32 hex digits for this set, the content of its files, and the interpreter.

        Nothing is started: a second use must cost next to nothing. Raises OSError.
        """
        found = interpreter.stat()
        told = [
            FORMAT,
            *(self.wanted, self.options),
            [(path.name, _sha256(path)) for path in self.files],
            # One that is replaced by a newer version has another time or size.
            [str(interpreter), str(interpreter.resolve()), found.st_size, found.st_mtime_ns],
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]

    def arguments(self) -> list[str]:
        """Return them as pip and uv take them."""
        return [*self.options, "--", *self.wanted, *map(str, self.files)]


def _normal(text: str) -> str:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise InvalidRequest(
            f"{text!r} is not a package that can be installed.", str(error)
        ) from error
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)


def _existing(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise FileMissing(f"There is no file {text}.", f"It was looked for in {Path.cwd()}.")
    return path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()
