"""The HTTP client of our routes, for the kernel and the command line."""
