"""Pause and resume: a session that takes no processor, or no memory either, until it is used."""

from jupyter_session_export import Session

with Session.create() as session:
    session.run(
        "rows = [1, 2, 3]\n"
        "same = rows\n"
        "def total(): return sum(rows)\n"
        "waiting = (row for row in rows)"
    ).require_success()

    # Frozen, it is stopped where it stands; a run lets it go on.
    session.pause()
    print(session.status().status)
    assert session.run("total()").text == "6"

    # Suspended, it has no kernel. What could not be kept is told, with what makes it again.
    state = session.pause("suspend")
    print(session.status().status, [each.name for each in state.kept])
    for lost in state.lost:
        print("lost:", lost.name, lost.reason, "run again:", lost.rebuild.executions)
    assert [lost.name for lost in state.lost] == ["waiting"]
    assert session.run("same.append(4)\ntotal()").text == "10"  # still the same list

    # A snapshot stays: back to it as often as you like.
    session.snapshot("four-rows")
    session.run("rows.clear()")
    session.restore("four-rows")
    assert session.run("total()").text == "10"
    print(session.snapshots())
