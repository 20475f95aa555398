"""Files and packages: sent and installed once, for as many runs as use them."""

import tempfile
import zipfile
from pathlib import Path

from jupyter_session_export import Session


def a_wheel(folder: Path) -> Path:
    """Make a small package, so that this example needs no network."""
    path = folder / "greetings-1.0-py3-none-any.whl"
    info = "greetings-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("greetings.py", "def greet(name): return f'Hello {name}!'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


with tempfile.TemporaryDirectory() as folder, Session.create() as session:
    here = Path(folder)
    (here / "names.txt").write_text("Ada\nGrace\n")
    packages = [str(a_wheel(here)), "--no-index"]

    result = session.run(
        "import greetings, pathlib\n"
        "names = pathlib.Path('names.txt').read_text().split()\n"
        "pathlib.Path('greetings.txt').write_text('\\n'.join(map(greetings.greet, names)))",
        files={"names.txt": here / "names.txt"},
        packages=packages,
        download_files={"greetings.txt": here / "greetings.txt"},
    )
    result.require_success()
    greetings = (here / "greetings.txt").read_text()
    assert greetings == "Hello Ada!\nHello Grace!"

    # A second run has both already: nothing is sent, nothing is installed.
    again = session.run("len(names)", files={"names.txt": here / "names.txt"}, packages=packages)
    print(again.timing.stages)
    assert again.text == "2"
    assert session.status().installed_packages == ("greetings==1.0",)
