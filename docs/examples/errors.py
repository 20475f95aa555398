"""What goes wrong in the code is a result, what goes wrong around it is an exception."""

from jupyter_session_export import Session
from jupyter_session_export.errors import KernelDied, KernelNotInstalled, RunFailed

with Session.create() as session:
    result = session.run("print('before')\n1 / 0")
    print(result.exit_code, result.error)
    assert (result.success, result.error.name, result.stdout) == (
        False,
        "ZeroDivisionError",
        "before\n",
    )

    try:
        result.require_success()
    except RunFailed as error:
        print(error.code, error.message)

    result = session.run("while True: pass", timeout=0.5)
    assert result.timed_out
    assert session.run("1").success  # it was interrupted, nothing is lost

    result = session.run("import os; os.kill(os.getpid(), 9)")
    assert result.error.name == "KernelDied"
    try:
        session.run("1")
    except KernelDied as error:
        print(error.code, error.detail)
    session.restart()
    assert session.run("1").success

try:
    Session.create(language="Julia")
except KernelNotInstalled as error:
    print(error.message, error.detail)  # it says how to install one
