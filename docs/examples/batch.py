"""One piece of code for many inputs, in a few sessions at once; a failure is one failure."""

from jupyter_session_export import Session

results = Session.map(
    "math.sqrt(item)",
    [4, 9, -1, 16],
    setup="import math",
    max_sessions=2,
    on_progress=lambda done, total: print(f"{done} of {total}"),
)

for result in results:
    print(result.text if result.success else result.error)
assert [result.text for result in results] == ["2.0", "3.0", "", "4.0"]
assert results[2].error.name == "ValueError"
