"""Follow a run: its output as it comes, and the stage that it is in."""

from jupyter_session_export import Session

CODE = """
import time
for step in range(3):
    print("step", step, flush=True)
    time.sleep(0.1)
"""

stages = []


def show(stage):
    stages.append(stage.stage)
    print(f"[{stage.stage}] {stage.percent or 0:.0f} % {stage.message}")


with Session.create() as session:
    session.run(
        "len(open('numbers.txt').read())",
        files={"numbers.txt": b"1 2 3"},
        on_progress=show,
    ).require_success()
    result = session.run(CODE, on_stdout=lambda text: print("it says:", text, end=""))

assert stages[0] == "uploading"
assert stages[-2:] == ["executing", "completed"]
assert result.stdout == "step 0\nstep 1\nstep 2\n"
