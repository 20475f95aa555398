"""What a person does in the sidebar "Sessions"."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.jupyter_page import JupyterPage

PANEL = "#jp-SessionExport-panel"


class Sidebar:
    """The panel on a page of JupyterLab or Notebook 7."""

    def __init__(self, jupyter: JupyterPage) -> None:
        self.jupyter = jupyter
        self.page = jupyter.page
        self.panel = self.page.locator(PANEL)

    def open_beside(self, notebook: str) -> None:
        """Open a notebook on a page that restores nothing: that would move the focus late."""
        server = self.jupyter.server
        folder = "lab/tree" if self.jupyter.is_lab else "notebooks"
        self.page.goto(f"{server.url}{folder}/{notebook}?reset&token={server.token}")
        self.jupyter.wait_for_kernel()

    def show(self) -> None:
        """Open it and wait until it has asked the server."""
        self.jupyter.command("session-export:show-sessions")
        expect(self.panel).to_be_visible()
        expect(self.panel.get_by_text("Loading …")).to_have_count(0)

    def hide(self) -> None:
        """Put it away."""
        name = "toggle-left-area" if self.jupyter.is_lab else "toggle-panel"
        self.jupyter.command(f"application:{name}", {} if self.jupyter.is_lab else {"side": "left"})
        expect(self.panel).to_be_hidden()

    def resize(self, width: int) -> None:
        """Drag the edge of the side area until the panel is about so wide."""
        box = self.panel.bounding_box()
        assert box is not None
        edge, middle = box["x"] + box["width"], box["y"] + box["height"] / 2
        self.page.mouse.move(edge + 1, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + width, middle, steps=4)
        self.page.mouse.up()

    def squeeze(self, width: int) -> None:
        """Make it narrower than either application lets its side area be."""
        self.panel.evaluate(
            "(panel, width) => panel.style.setProperty('width', `${width}px`, 'important')", width
        )

    @property
    def sessions(self) -> Locator:
        return self.panel.locator(".jp-SessionExport-sessions > li")

    @property
    def current(self) -> Locator:
        """The session that what runs now belongs to."""
        return self.panel.locator(".jp-SessionExport-sessions > li[data-current]")

    @property
    def running(self) -> Locator:
        return self.panel.get_by_role("region", name="Running exports").get_by_role("listitem")

    @property
    def finished(self) -> Locator:
        return self.panel.get_by_role("region", name="Last exports").locator("[data-export]")

    def finished_export(self, export_id: str) -> Locator:
        """Look for what has just ended."""
        self.button("Refresh").click()
        return self.finished.and_(self.panel.locator(f"[data-export='{export_id}']"))

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name)

    def answer(self, action: str) -> None:
        """Press a button of the dialog that is open."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=action).click()
        expect(dialog).to_have_count(0)

    def is_overflowing(self) -> bool:
        """Tell whether anything sticks out at the side."""
        return bool(
            self.panel.evaluate(
                """panel => panel.scrollWidth > panel.clientWidth ||
                  [...panel.querySelectorAll('*')].some(node =>
                    node.getBoundingClientRect().right >
                      panel.getBoundingClientRect().right + 1)"""
            )
        )
