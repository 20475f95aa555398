"""Take all pictures, or those that are named: `python -m tools.screenshots [NAME …]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.e2e.conftest import chromium_browser
from tools.screenshots.png import save
from tools.screenshots.scenes import SCENES, run_notebook
from tools.screenshots.stage import THEMES, staged

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def main(names: list[str]) -> int:
    with chromium_browser() as browser:
        for theme in THEMES:
            with (
                tempfile.TemporaryDirectory() as folder,
                staged(browser, Path(folder), theme) as stage,
            ):
                run_notebook(stage)
                for name in names or SCENES:
                    path = IMAGES / f"{name}-{theme}.png"
                    save(SCENES[name](stage), path)
                    print(path.relative_to(IMAGES.parents[1]), path.stat().st_size, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
