"""One run in a session of its own, which is gone afterwards; its record stays."""

from jupyter_session_export import Session

result = Session.run("print('hello'); 6 * 7")

print(result.text)  # 42: what the last line evaluates to
print(result.stdout)  # hello
assert result.success
assert (result.text, result.stdout, result.exit_code) == ("42", "hello\n", 0)
