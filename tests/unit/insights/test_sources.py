from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.insights.sources import (
    MOST_BYTES,
    Source,
    look_at,
    silence_warnings,
)


def binds(code: str) -> set[str]:
    source = look_at(code)
    assert source is not None
    return set(source.binds)


def uses(code: str) -> set[str]:
    source = look_at(code)
    assert source is not None
    return set(source.uses)


@pytest.mark.parametrize(
    ("code", "bound", "used"),
    [
        ("x = y", {"x"}, {"y"}),
        ("x = 1\nprint(x)", {"x"}, {"print"}),
        ("x = x + 1", {"x"}, {"x"}),
        ("x += 1", {"x"}, {"x"}),
        ("import a.b, c as d\nfrom e import f as g", {"a", "d", "g"}, set()),
        ("for i in r:\n    i", {"i"}, {"r"}),
        ("with open(p) as f:\n    f", {"f"}, {"open", "p"}),
        ("[i for i in r]", set(), {"r"}),
        ("{k: v for k, v in d.items() if k != n}", set(), {"d", "n"}),
        ("class A(B):\n    c = d\n    def e(self):\n        return g", {"A"}, {"B", "d"}),
        ("def f(a=b):\n    return c", {"f"}, {"b"}),
        ("@deco\ndef f(): ...", {"f"}, {"deco"}),
        ("(y := x)", {"y"}, {"x"}),
        ("x: int = z", {"x"}, {"int", "z"}),
        ("x: int", set(), {"int"}),
        ("try:\n    a\nexcept E as e:\n    e\n", set(), {"a", "E"}),
        ("match v:\n    case {'k': x, **rest}:\n        x\n    case [*y]:\n        y", None, {"v"}),
        ("del x", set(), {"x"}),
        ("x = 1\ndel x", set(), set()),
        ("a.b = c[d]", set(), {"a", "c", "d"}),
    ],
)
def test_names_are_taken_in_the_order_in_which_code_runs(
    code: str, bound: set[str] | None, used: set[str]
) -> None:
    """What is read before it is bound comes from elsewhere."""
    assert uses(code) == used
    assert binds(code) == ({"x", "rest", "y"} if bound is None else bound)


@pytest.mark.parametrize(
    ("code", "later"),
    [
        ("def f():\n    return x", {"x"}),
        ("def f(x):\n    return x", set()),
        ("def f():\n    x = 1\n    return lambda: x + y", {"y"}),
        ("g = lambda a, *b, c=1, **d: a + e", {"e"}),
    ],
)
def test_what_a_function_reads_is_read_later(code: str, later: set[str]) -> None:
    """Its own names are not the notebook's."""
    source = look_at(code)
    assert source is not None
    assert source.later == later


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("df['a'] = 1", {"df"}),
        ("del d[k]", {"d"}),
        ("a.b.c = 1", {"a"}),
        ("items.append(1)", {"items"}),
        ("a[0].sort()", {"a"}),
        ("n = items.count(1)", set()),
        ("print(items)", set()),
    ],
)
def test_what_may_be_changed_without_being_bound_is_known(code: str, changed: set[str]) -> None:
    """Items, attributes, and methods that are called for their effect."""
    source = look_at(code)
    assert source is not None
    assert source.changes == changed


@pytest.mark.parametrize(
    "code",
    [
        "from m import *",
        "exec(code)",
        "def f():\n    global x\n    x = 1",
        "%run other.py",
        "%%sql\nselect 1",
        "globals()['x'] = 1",
    ],
)
def test_what_may_bind_any_name_says_so(code: str) -> None:
    """Nothing is concluded from names after it."""
    source = look_at(code)
    assert source is not None
    assert source.opaque


@pytest.mark.parametrize(
    ("code", "bound", "used"),
    [
        ("%matplotlib inline\nx = y", {"x"}, {"y"}),
        ("!ls\nx = y", {"x"}, {"y"}),
        ("files = !ls *.csv\nn = len(files)", {"files", "n"}, {"len"}),
        ("x = %timeit -o f()", {"x"}, set()),
        ("%%time\nx = y", {"x"}, {"y"}),
        ("%%bash\nx=1", set(), set()),
        ("x?\ny = x", {"y"}, {"x"}),
        ("if a:\n    %cd b\n    x = 1", {"x"}, {"a"}),
        ("await f(x)", set(), {"f", "x"}),
    ],
)
def test_ipythons_own_lines_are_understood(code: str, bound: set[str], used: set[str]) -> None:
    """They are no Python, but what is around them is."""
    assert (binds(code), uses(code)) == (bound, used)


@pytest.mark.parametrize(
    ("code", "only"),
    [
        ("%pip install numpy", True),
        ("!pip install -q numpy", True),
        ("# first\n!python -m pip install numpy\n%conda install x", True),
        ("!{sys.executable} -m pip install numpy\nimport numpy", False),
        ("%%bash\npip install numpy", True),
        ("subprocess.run([sys.executable, '-m', 'pip', 'install', 'numpy'])", False),
        ("!uv pip install numpy", True),
    ],
)
def test_installs_are_recognized(code: str, only: bool) -> None:
    """In each way that a cell has to do so."""
    source = look_at(code)
    assert source is not None
    assert (source.installs, source.only_installs) == (True, only)


@pytest.mark.parametrize(
    "code", ["print('pip install numpy')", "# pip install numpy", "pip.install()", "%pip list"]
)
def test_speaking_of_an_install_is_none(code: str) -> None:
    """Only what runs counts."""
    source = look_at(code)
    assert source is not None
    assert not source.installs


@pytest.mark.parametrize(
    "code", ["x = ", "'" * 3, "\0", "x = 1" + " + 1" * 20_000, "x = 1\n" * MOST_BYTES, "%%"]
)
def test_what_can_not_be_looked_at_is_not(code: str) -> None:
    """Nothing is said of it, and it takes no more than a moment."""
    source = look_at(code)
    assert source is None or source.opaque


def test_odd_code_of_others_warns_nobody() -> None:
    """Python has something to say about it, but not to who reads the record."""
    silence_warnings()
    assert look_at(r"x = '\d'") is not None


@settings(deadline=None)
@given(st.text(st.sampled_from("xyz=+()[]:\n \t%!?'\"\\fordeimpt,.*@#"), max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    """Never an error, whatever somebody typed, and no name that isn't in it."""
    silence_warnings()
    source = look_at(text) or Source()
    names = source.binds | source.uses | source.later | source.changes | source.removes
    assert [name for name in names if name not in text] == []
