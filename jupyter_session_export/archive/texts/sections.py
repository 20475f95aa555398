"""The README.txt of each section."""

from __future__ import annotations

CODE = """\
code/ - the notebooks of the session

notebook_1.ipynb           the notebook as it was on disk when the export was made
notebook_1.py              its code as a script (the suffix is that of the kernel's language)
notebook_1_metadata.json   where it came from, its kernel, and how many cells it has

A notebook that was gone from disk or could not be read is rebuilt from its executions: its cells
are those that ran, with what they put out last. Its metadata says "rebuilt": true, and why.
"""

EXECUTIONS = """\
executions/ - everything that ran, in the order in which it was asked for

Each folder is one run of one cell; a cell that ran twice has two. Deleted cells, closed tabs and
runs that were interrupted or lost with their kernel are here too.

source.py       what was run (the suffix is that of the kernel's language)
stdout.txt      all that it printed, unshortened
stderr.txt      the same of its errors and warnings
outputs.json    its outputs in order, as a notebook holds them; {"$ref": name} stands for a file
outputs/        each kind of each rich output as a file of its own format
metadata.json   status, error, times, kernel, notebook and cell

The number in a folder's name counts from 1 within the session; the letters after it stand for
the request that the kernel got.
"""

LOGS = """\
logs/ - what happened besides

activity_log.jsonl   kernels, notebooks and executions: one JSON object a line
audit_log.jsonl      who exported, paused or removed what
"""
