"""Sessions of a Jupyter server, or of a gateway: they live on, and other processes see them.

JUPYTER_URL and JUPYTER_TOKEN say which one.
"""

import os

from jupyter_session_export import Session

url, token = os.environ["JUPYTER_URL"], os.environ["JUPYTER_TOKEN"]

with Session.connect(url, token=token) as server:
    session = server.create(name="nightly")
    session.run("answer = 42")
    session_id = session.id

# Later, or elsewhere:
with Session.connect(url, token=token) as server:
    assert session_id in {known.id for known in server.list()}
    session = server.get(session_id)
    assert session.run("answer").text == "42"
    print(session.export().path)  # the server recorded it
    session.close()
