"""All of a session as one ZIP: what ran, what came of it, the files that it made."""

import zipfile

from jupyter_session_export import Session

with Session.create(name="with a record") as session:
    session.run("print('kept')")
    session.run("with open('table.csv', 'w') as file:\n    file.write('a,b')")
    delivered = session.export()

print(delivered.path, delivered.executions, "executions")
assert delivered.executions == 2
with zipfile.ZipFile(delivered.path) as archive:
    assert archive.read("outputs/table.csv") == b"a,b"
