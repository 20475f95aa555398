"""Memory and processor as curves."""

from __future__ import annotations

from xml.etree import ElementTree

from jupyter_session_export.kernel.panel.curves import HEIGHT, WIDTH, curves_html
from jupyter_session_export.kernel.panel.meter import Sample
from tests.unit.kernel.panel.ended import MB


def test_both_curves_say_in_words_what_they_show() -> None:
    """The last value and the highest."""
    samples = [
        Sample(0.0, 100 * MB, 0.0),
        Sample(1.0, 150 * MB, 1.5, 300 * MB),
        Sample(2.0, 200 * MB, 1.75),
    ]
    html = curves_html(samples)
    assert "Memory 200.0 MB, at most 300.0 MB" in html
    assert "Processor 25% of one core, at most 150%" in html


def test_a_curve_stays_in_its_frame() -> None:
    """Whatever the values are."""
    samples = [Sample(float(at), at * MB or None, at * 3.0) for at in range(10)]
    tree = ElementTree.fromstring(curves_html(samples))  # noqa: S314  # it is our own
    paths = list(tree.iter("path"))
    assert len(paths) == 2
    for path in paths:
        for point in (path.get("d") or "")[1:].split("L"):
            x, y = map(float, point.split())
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_too_little_is_no_curve() -> None:
    """And where the system tells nothing there is none."""
    assert "Too early to tell." in curves_html([])
    assert "at most" not in curves_html([Sample(1.0, None, 0.0)])
    assert "Memory 0" not in curves_html([Sample(float(at), None, 0.0) for at in range(5)])
