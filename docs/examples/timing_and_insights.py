"""Where the time went, what it cost, and what could be better."""

from jupyter_session_export import Session

with Session.create() as session:
    result = session.run("import time\ntime.sleep(0.5)\nsum(range(10**6))")

    for stage, percent in result.timing.distribution.items():
        print(f"{stage:12} {result.timing.per_stage[stage]:6.2f} s {percent:5.1f} %")
    print("processor:", result.cost.cpu_seconds, "s; memory:", result.cost.gib_seconds, "GiB s")
    for finding in result.insights:
        print(finding.what, finding.advice)

    assert sum(result.timing.distribution.values()) == 100
    assert result.cost.wall_seconds >= 0.5
    assert session.status().cost.wall_seconds >= result.cost.wall_seconds
