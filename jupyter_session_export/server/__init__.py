"""The Jupyter server extension: opens sessions for owners, watches kernels, answers our routes."""
