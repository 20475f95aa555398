"""The README.txt of each section."""

from __future__ import annotations

CODE = """\
code/ - the notebooks of the session

notebook_1.ipynb           the notebook as it was on disk when the export was made; where it shows
                           widgets and was saved without their state, with what is recorded of it
notebook_1.py              its code as a script (the suffix is that of the kernel's language)
notebook_1_metadata.json   where it came from, its kernel, and how many cells it has

A notebook that was gone from disk or could not be read is rebuilt from its executions: its cells
are those that ran, with what they put out last. Its metadata says "rebuilt": true, and why.
A notebook that isn't recorded is left out, as manifest.json tells.
"""

EXECUTIONS = """\
executions/ - everything that ran, in the order in which it was asked for

Each folder is one run of one cell; a cell that ran twice has two. Deleted cells, closed tabs and
runs that were interrupted or lost with their kernel are here too.

source.py       what was run (the suffix is that of the kernel's language)
stdout.txt      all that it printed, raw; of more than max_execution_output_bytes the first and the
                last half, with a line between them that says how much is missing
stderr.txt      the same of its errors and warnings
outputs.json    its outputs in order, as a notebook holds them; {"$ref": name} stands for a file
outputs/        each kind of each rich output as a file of its own format
outputs/widget_state.json   the state of the widgets that it shows, at the time of the export
inputs.json     what it asked by input(), and the answers; never those to getpass()
metadata.json   status, error, times, resources, kernel, notebook and cell

"timing_ms" is in milliseconds. Of "executing", "waiting" is what the processor did nothing in and
"importing" went to modules that were imported for the first time; "gc" is collecting garbage, and
"output" the processor's time of sending it; "delayed" is for how long no processor was free. What
wasn't measured is not named. "execution" has
the times by the names that JupyterLab gives them in a notebook.

"resources" are those of the kernel with its child processes: CPU time, the most memory that they
held at once, what went from and to disks, and the limits of the container, if it has any. What
the system doesn't tell is null.

The number in a folder's name counts from 1 within the session; the letters after it stand for
the request that the kernel got.
"""

LOGS = """\
logs/ - what happened besides

activity_log.jsonl   kernels, notebooks, files, clients, executions and the recording itself
audit_log.jsonl      who exported, downloaded, paused, purged, removed or was refused what; of
                     guests also how each execution ended

One JSON object a line, in the order of writing: time (UTC), session_id, user_id (null where nobody
did it), action, target, detail. "log.left_out" says how many lines of an action came too fast to be
written, "log.trimmed" that the oldest ones had to make room. Secrets by name or place (tokens,
passwords, cookies) stand as [secret].
"""

READINGS = """\
data/ - readings of sensors: what log_reading kept and what collectors left

zigbee-data.json, zigbee-sensors.csv      all readings, sorted by time, device and sensor; both
                                          hold the same
devices.json                              the devices, registered or only named by readings
timeline.json                             executions, recordings and readings on one line of time
sensor_data/sensor_readings.json, .csv    the same readings in the order in which they came, with
                                          their times as given and what their rows held besides
sensor_data/rejected.jsonl                rows that no reading could be made of, and why
sensor_data/sources/                      the collectors' files as they came

time       ISO 8601 in UTC; one that was given without an offset is taken as UTC, and "note" says so
value      as JSON; NaN and infinities are the texts "NaN", "Infinity", "-Infinity". A cell of CSV
           is JSON where it begins with a quote or bracket, else a number, true, false, or a text
unit       empty where none was given
source     the file, or the process of the kernel, that it came from
duplicate  true where it equals an earlier reading in time, device, sensor, value and unit
note       what was assumed, and what is odd: a clock that was set back, or was not set
"""
