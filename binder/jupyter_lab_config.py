"""Settings on Binder: JupyterLab opens with the demo."""

c = get_config()  # noqa: F821  # traitlets puts it here

c.LabApp.default_url = "/lab/tree/binder/demo.ipynb"
