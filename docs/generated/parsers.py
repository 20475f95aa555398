"""The command line and the magics, from their parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from jupyter_session_export.cli.arguments import parser
from jupyter_session_export.kernel import arguments, session_recording

PARSERS = argparse._SubParsersAction


def command_line_text() -> str:
    """Return a section for each subcommand of `jupyter session-export`."""
    return "\n".join(_sections(parser()))


def magics_text() -> str:
    """Return a section for each magic that takes arguments."""
    recording = session_recording._parser()
    return "\n".join([_section(arguments._parser()), _section(recording), *_sections(recording)])


def _sections(parser: argparse.ArgumentParser) -> Iterator[str]:
    for actions in parser._actions:
        if isinstance(actions, PARSERS):
            helps = {action.dest: action.help for action in actions._choices_actions}
            for name, part in actions.choices.items():
                yield _section(part, helps[name])


def _section(parser: argparse.ArgumentParser, about: str | None = None) -> str:
    lines = [f"## `{parser.prog}`", "", _sentence(parser.description or about or ""), ""]
    lines += ["```text", _usage(parser), "```", ""]
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction | PARSERS):
            lines += [f"- `{_names(action)}`: {_help(action)}"]
    return "\n".join([*lines, ""])


def _usage(parser: argparse.ArgumentParser) -> str:
    return " ".join(parser.format_usage().removeprefix("usage: ").split())


def _names(action: argparse.Action) -> str:
    if not action.option_strings:
        return str(action.metavar or action.dest)
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    choices = "|".join(action.choices) if action.choices else action.dest.upper()
    return f"{names} {action.metavar or choices}"


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
