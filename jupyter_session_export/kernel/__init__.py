"""What runs in the kernel: the extension with its magics, and `export_session` for code."""
