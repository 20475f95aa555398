"""However often a namespace goes to disk and back, nobody can tell."""

from __future__ import annotations

import itertools
import threading
import types
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.sessions.state.inside import loading
from jupyter_session_export.sessions.state.inside.namespace import home_of

from .fake_shell import FakeShell, cycled

NAMES = "abcd"
NAME = st.sampled_from(NAMES)
STEPS = st.one_of(
    st.builds("{} = []".format, NAME),
    st.builds("{} = {{}}".format, NAME),
    st.builds("{} = np.arange(20.)".format, NAME),
    st.builds("{} = b'bytes' * 5".format, NAME),
    st.builds("{} = bytearray(b'some')".format, NAME),
    st.builds("{} = {}".format, NAME, NAME),
    st.builds("{} = counter()".format, NAME),
    st.builds("{} = Thing({})".format, NAME, NAME),
    st.builds("{} = {}[1:9]".format, NAME, NAME),
    st.builds("{} = {}[::-2]".format, NAME, NAME),
    st.builds("{}.append({})".format, NAME, NAME),
    st.builds("{}['{}'] = {}".format, NAME, NAME, NAME),
    st.builds("{}[2] += {}[3] + 1".format, NAME, NAME),
    st.builds("{}.held = {}".format, NAME, NAME),
    st.builds("{}[0]()".format, NAME),
    st.builds("{} = pd.DataFrame(dict(x={}))".format, NAME, NAME),
    st.builds("BASE = {} + 1".format, st.integers(0, 9)),
    st.just("del a"),
)
BEGIN = """
import numpy as np, pandas as pd
a = b = c = d = None
BASE = 1
class Thing:
    def __init__(self, held): self.held = held
def counter():
    n = 0
    def add():
        nonlocal n
        n += BASE
        return n
    def get():
        return n
    return [add, get]
"""


@settings(max_examples=25)
@given(st.lists(st.lists(STEPS, max_size=12), min_size=1, max_size=4))
def test_repeated_cycles_stay_faithful(
    tmp_path_factory: pytest.TempPathFactory, legs: Sequence[Sequence[str]]
) -> None:
    """What runs between suspensions finds all as if there had been none (E2B#884)."""
    folder = tmp_path_factory.mktemp("cycles")
    whole, shell = FakeShell(), FakeShell()
    for each in (whole, shell):
        each.run(BEGIN)
    for number, leg in enumerate(legs):
        for step in leg:
            assert outcome(shell, step) == outcome(whole, step)
        shell = cycled(shell, folder / str(number))
        assert shape(shell) == shape(whole)


def outcome(shell: FakeShell, step: str) -> str:
    """Run a step; many make no sense, as the names' values are of any kind."""
    try:
        with shell.in_place():
            shell.run(step)
    except Exception as error:  # noqa: BLE001  # both must fail alike
        return repr(error)
    return "ok"


def shape(shell: FakeShell) -> Any:
    """Return all that names lead to, and which arrays share memory."""
    found = Shape(shell)
    names = [name for name in (*NAMES, "BASE", "counter") if name in shell.user_ns]
    told = [(name, found.told(shell.user_ns[name])) for name in names]
    return told, [np.shares_memory(*pair) for pair in itertools.combinations(found.arrays, 2)]


class Shape:
    """Tells values; what is met again is told as a number."""

    def __init__(self, shell: FakeShell) -> None:
        self.shell = shell
        self.seen: dict[int, int] = {}
        self.arrays: list[Any] = []

    def told(self, value: Any) -> Any:
        if value is None or isinstance(value, int | float | str | bytes):
            return value
        if id(value) in self.seen:
            return ("again", self.seen[id(value)])
        self.seen[id(value)] = len(self.seen)
        content = _CONTENT.get(type(value), Shape.of_thing)
        return (type(value).__name__, content(self, value))

    def each(self, values: Iterable[Any]) -> list[Any]:
        return [self.told(each) for each in values]

    def of_array(self, array: Any) -> Any:
        self.arrays.append(array)
        return (array.dtype.str, array.tolist(), array.flags.writeable)

    def of_function(self, function: Any) -> Any:
        assert function.__globals__ is self.shell.user_ns
        return (function.__qualname__, self.each(function.__closure__ or ()))

    def of_cell(self, cell: Any) -> Any:
        return self.told(cell.cell_contents)

    def of_frame(self, frame: Any) -> Any:
        return (self.each(frame["x"].tolist()), frame.dtypes.tolist())

    def of_thing(self, thing: Any) -> Any:
        return (type(thing) is self.shell.user_ns["Thing"], self.told(vars(thing)))


_CONTENT: dict[type, Any] = {
    list: Shape.each,
    dict: lambda shape, value: [(key, shape.told(each)) for key, each in value.items()],
    bytearray: lambda _, value: bytes(value),
    np.ndarray: Shape.of_array,
    pd.DataFrame: Shape.of_frame,
    types.FunctionType: Shape.of_function,
    types.CellType: Shape.of_cell,
}


def test_what_was_defined_in_cells_comes_back(tmp_path: Path) -> None:
    """Recursion, closures, inheritance, caches, enumerations, data classes, decorators."""
    shell = FakeShell()
    with shell.in_place():
        shell.run(DEFINED)
    for number in range(3):
        shell = cycled(shell, tmp_path / str(number))
        with shell.in_place():
            shell.run(CHECKED)


DEFINED = """
import abc, collections, dataclasses, enum, functools, typing
def factorial(n): return 1 if n < 2 else n * factorial(n - 1)
def outer():
    def inner(n): return 0 if n == 0 else 1 + inner(n - 1)
    return inner
inner = outer()
class Base(abc.ABC):
    @abc.abstractmethod
    def hi(self): ...
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def fixed(): return 7
class Child(Base):
    __slots__ = ("me",)
    def hi(self): return type(super()).__name__
    @property
    def twice(self): return SCALE * 2
child = Child.make(); child.me = child
unbound = Child.hi
bound = child.hi
class Color(enum.Enum):
    RED = 1
red = Color.RED
@dataclasses.dataclass(frozen=True)
class Point:
    x: int = 3
point = Point()
Pair = collections.namedtuple("Pair", "left right")
pair = Pair([1], 2)
@functools.lru_cache(maxsize=9)
def cached(n): return n * SCALE
cached.note = "mine"
@functools.wraps(factorial)
def wrapped(*given, key=[1], **more): return factorial(*given)
lambdas = [lambda x, k=k: x + k + SCALE for k in range(2)]
SCALE = 10
T = typing.TypeVar("T")
partial = functools.partial(factorial, 4)
def generate(): yield SCALE
async def wait(): return SCALE
error = ValueError("mine", 3)
UserId = typing.NewType("UserId", int)
class Plugin:
    known = {}
    def __init_subclass__(cls): Plugin.known[cls.__name__] = cls
class Small(Plugin): pass
later = None
import threading
def ready(): return threading.Lock()
class Locked:
    def __init__(self): self.value, self.lock = 1, ready()
    def __getstate__(self): return self.value
    def __setstate__(self, value): self.value, self.lock = value, ready()
later = Locked()
"""
CHECKED = """
assert factorial(5) == 120 and inner(4) == 4
assert child.me is child and isinstance(child, Base) and type(child) is Child
assert child.hi() == unbound(child) == bound() == "super" and bound.__self__ is child
assert child.twice == SCALE * 2 and Child.fixed() == 7
assert red is Color.RED and Color(1) is red and list(Color) == [red]
assert point == Point(3) and repr(point) == "Point(x=3)" and pair == Pair([1], 2)
assert cached(3) == 3 * SCALE and cached.cache_parameters()["maxsize"] == 9
assert cached.note == "mine"
assert wrapped(3) == 6 and wrapped.__name__ == "factorial" and wrapped.__wrapped__ is factorial
assert [each(1) for each in lambdas] == [1 + SCALE, 2 + SCALE]
assert partial() == 24 and list(generate()) == [SCALE]
assert error.args == ("mine", 3) and Point.__module__ == "__main__"
assert Plugin.known == {"Small": Small} and later.lock.acquire(False) and later.value == 1
assert UserId.__supertype__ is int and UserId.__module__ == "__main__"
later.lock.release()
try: Base()
except TypeError: pass
else: raise AssertionError
SCALE = 10
cached.cache_clear()
SCALE += 1
assert cached(1) == 11 and child.twice == 22
SCALE = 10
cached.cache_clear()
"""


def test_modules_are_loaded_while_arrays_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both take seconds: the one needs the interpreter, the other the disk and its hashes."""
    shell = FakeShell()
    shell.run("import colorsys, fractions, numpy as np\narray = np.arange(10.)")
    shell.run("half = fractions.Fraction(1, 2)")
    contents = shell.dump(tmp_path)
    assert {"colorsys", "fractions", "numpy"} == set(contents["modules"])
    loaded, read_blocks = threading.Event(), loading.read_blocks

    def load(name: str) -> None:
        if name == "numpy":
            raise ImportError(name)
        loaded.set()

    def read(*arguments: Any) -> None:
        assert loaded.wait(60)
        read_blocks(*arguments)

    monkeypatch.setattr(loading, "import_module", load)
    monkeypatch.setattr(loading, "read_blocks", read)
    fresh = FakeShell()
    assert fresh.load(tmp_path) == {"lost": []}
    assert (fresh.user_ns["array"] == np.arange(10.0)).all()


def test_a_value_whose_home_cannot_be_told_has_none() -> None:
    """What its class says of itself is only a hint."""
    shell = FakeShell()
    shell.run("class Kind(type):\n    __module__ = property(lambda self: 1 / 0)")
    shell.run("class Thing(list, metaclass=Kind): pass")
    assert home_of(shell.user_ns["Thing"]()) == []
    assert home_of(1) == ["builtins"]
    assert home_of(np) == ["numpy"]
