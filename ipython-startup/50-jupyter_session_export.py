# Puts %session_export into every IPython of this environment; never in its way.
# A comment, since a docstring here would become the __doc__ of the user's namespace.


def _load_session_export():
    try:
        from IPython import get_ipython  # noqa: PLC0415  # a startup file must cost nothing

        from jupyter_session_export.kernel.extension import load_ipython_extension  # noqa: PLC0415

        load_ipython_extension(get_ipython())
    except Exception as error:  # noqa: BLE001  # a kernel without the magic beats no kernel
        import logging  # noqa: PLC0415

        logging.getLogger("jupyter_session_export").debug("No magic: %r", error)


_load_session_export()
del _load_session_export
