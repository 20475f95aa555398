"""Settings on Binder: whoever opens it is a guest, whose record goes when the session ends."""

c = get_config()  # noqa: F821  # traitlets puts it here

c.SessionExport.guest = True
