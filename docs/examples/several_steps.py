"""A session keeps its variables from run to run, as a notebook does from cell to cell."""

from jupyter_session_export import Session

with Session.create(name="steps") as session:
    session.run("import statistics\nvalues = [1, 2, 3, 4]")
    session.run("mean = statistics.mean(values)")
    result = session.run("mean")
    print(result.text)
    assert result.text == "2.5"

# The same without a handle: by the session's id.
first = Session.run("total = 10", keep_alive=True)
second = Session.run("total + 1", session_id=first.session_id)
Session.get(first.session_id).close()
assert second.text == "11"
