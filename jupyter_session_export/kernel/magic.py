"""The magics, as kernels register them at their start."""

from __future__ import annotations

from IPython.core.magic import Magics, line_magic, magics_class


@magics_class
class SessionMagics(Magics):
    """The magics of jupyter_session_export."""

    @line_magic
    def session_export(self, line: str) -> None:
        """Write everything that ran in this Jupyter session into one ZIP.

        %session_export [PATH] [--session ID] [--notebook] [--include LIST]
                        [--compression fast|maximum] [--tools]

        PATH is a folder or the name of a .zip file, by default the notebook's folder. Nothing
        is ever overwritten. `%session_export --help` explains the options. Code that needs the
        path calls `jupyter_session_export.export_session()`.
        """
        # Every kernel loads this module, few export: the HTTP client is imported by those.
        from .session_export import run  # noqa: PLC0415

        run(self.shell, line)

    @line_magic
    def session_recording(self, line: str) -> None:
        """Pause, resume or take back the recording of this Jupyter session.

        %session_recording on|pause [--notebook]
        %session_recording purge --all|--notebook|--since T

        A purge asks nothing and can't be undone. T is a time, or how long ago: `10m`.
        """
        from .session_recording import run  # noqa: PLC0415  # as above

        run(line)

    @line_magic
    def session_panel(self, _: str) -> None:
        """Show what this session is doing, where its time goes, and what to change.

        Live, with Export, Pause, Resume and Purge; `SessionPanel()` is the same for code.
        """
        from .panel.magic import run  # noqa: PLC0415  # as above

        run(self.shell)
