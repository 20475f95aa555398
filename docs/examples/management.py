"""Sessions are listed and found, tell how they stand, and end when their time is over."""

from jupyter_session_export import Session
from jupyter_session_export.errors import SessionNotFound

session = Session.create(name="report", lifetime=1800)
session.run("1")

status = session.status()
print(status.status, status.created_at, status.remaining, status.memory_bytes)
assert status.status == "idle"
assert status.remaining > 1700

session.keep_alive(7200)  # two hours from now on, whether it is used or not
assert session.status().remaining > 7000

assert [known.name for known in Session.list()] == ["report"]
assert Session.get(session.id).run("1").success
session.restart()  # a fresh kernel in the same session

session.close()
try:
    Session.get(session.id)
except SessionNotFound as error:
    print(error.code, error.message)
