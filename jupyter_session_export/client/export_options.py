"""The options of an export that the magic and the command line both take."""

from __future__ import annotations

import argparse


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Add what an export takes."""
    parser.add_argument(
        "--include",
        metavar="LIST",
        help="what to put in, with commas: code, executions, debug, logs, recordings, data, "
        "outputs, workspace (default: all but workspace)",
    )
    parser.add_argument(
        "--tools",
        action="store_true",
        help="put in what tools executed as well, such as variable inspectors",
    )
    parser.add_argument(
        "--compression",
        choices=["fast", "maximum"],
        help="how to compress files that were not recorded (default: by the settings)",
    )
