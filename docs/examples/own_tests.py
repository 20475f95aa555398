"""Test code that uses sessions without starting a kernel."""

from jupyter_session_export.sessions.fake import fake_host


def count_words(host, text):
    result = host.run("len(open('text.txt').read().split())", files={"text.txt": text.encode()})
    return int(result.require_success().text)


with fake_host() as host:
    assert count_words(host, "three little words") == 3
