"""JupyterLab with one notebook in one theme, ready to be looked at."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.jupyter_page import JupyterPage, write_notebook
from tests.servers import RunningServer, running_server

NOTEBOOK, PANEL = "harbour.ipynb", "tides.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PIXELS = 2
"""Device pixels for each of the page's, so that text is sharp on any screen."""
CELLS = [
    "import time\n"
    "import matplotlib.pyplot as plt\n"
    "import numpy as np\n"
    "\n"
    "hours = np.arange(0, 72, 0.1)\n"
    "tide = 2 + 1.4 * np.sin(hours / 6.21 * np.pi) + 0.3 * np.sin(hours / 12 * np.pi)\n"
    "len(hours)",
    "plt.figure(figsize=(7, 1.7))\n"
    "plt.plot(hours, tide, color='#1e88e5')\n"
    "plt.title('The tide at the harbour, in metres')\n"
    "plt.show()",
    "for run in range(1, 41):\n"
    "    time.sleep(0.15)\n"
    "    print(f'run {run:>2}: {np.random.default_rng(run).normal(tide).std():.4f} m')",
    "tide.mean() / 0 * tidal_range",
]
PLOT = 1
AT_REST = 600
"""Milliseconds after which notifications have slid in and a terminal has drawn its text."""
PROMPT = "prompted"
NO_WEBGL = """
const before = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith('webgl') ? null : before.call(this, kind, ...rest);
};
"""
"""A terminal that draws by WebGL draws at twice the size where there is no real GPU."""


class Stage:
    """A page on a server of its own, whose first session has run the notebook."""

    def __init__(self, jupyter: JupyterPage, theme: str) -> None:
        self.jupyter = jupyter
        self.page = jupyter.page
        self.server = jupyter.server
        self.theme = theme

    def size(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def open(self, notebook: str = NOTEBOOK) -> None:
        """Open a notebook alone, as large as the window lets it be."""
        server = self.server
        self.page.goto(f"{server.url}lab/tree/{notebook}?reset&token={server.token}")
        self.jupyter.wait_for_kernel()
        self.page.evaluate("jupyterapp.restored.then(() => null)")
        self.jupyter.command("application:toggle-left-area")

    def scroll_to(self, cell: int) -> None:
        self.page.evaluate(
            """cell => {
              const notebook = jupyterapp.shell.currentWidget.content;
              notebook.deselectAll();
              notebook.activeCellIndex = cell;
              return notebook.scrollToItem(cell, 'start');
            }""",
            cell,
        )

    def wait_for_prompt(self) -> None:
        """Wait until the terminal asks for the next command; each prompt leaves a file."""
        mark = self.server.home / PROMPT
        while not mark.exists():
            self.page.wait_for_timeout(100)
        mark.unlink()

    def shot(self) -> bytes:
        """Take what the window shows, when all that moves has come to rest."""
        self.page.mouse.move(1, 1)
        self.page.wait_for_timeout(AT_REST)
        return self.page.screenshot(animations="disabled", caret="hide")


@contextmanager
def staged(browser: Browser, folder: Path, theme: str) -> Iterator[Stage]:
    """Raise the curtain: a server, a page, and the notebook in the theme."""
    _settings(folder / "home" / "settings", THEMES[theme])
    shell = "--ServerApp.terminado_settings={'shell_command': ['bash', '--norc', '--noprofile']}"
    arguments = ["--LabApp.expose_app_in_browser=True", shell]
    outside = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PS1": "$ ",
        "PROMPT_COMMAND": f"touch ~/{PROMPT}",
    }
    with running_server(folder, app="lab", arguments=arguments, environment=outside) as server:
        write_notebook(server.root / NOTEBOOK, CELLS)
        write_notebook(server.root / PANEL, ["%session_panel", *CELLS[:-1]])
        context = browser.new_context(
            viewport={"width": 1000, "height": 600},
            device_scale_factor=PIXELS,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.add_init_script(NO_WEBGL)
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield Stage(JupyterPage(page, server), theme)
        context.close()


def own_files(server: RunningServer) -> Path:
    """Return the folder of the files that belong to the session."""
    session = server.api("GET", "session").json()["id"]
    folder = server.data_dir() / "sessions" / session / "outputs" / "bulk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _settings(folder: Path, theme: str) -> None:
    written = {
        "notification": {"fetchNews": "false", "checkForUpdates": False},
        "themes": {"theme": theme},
    }
    for name, content in written.items():
        path = folder / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
