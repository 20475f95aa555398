"""Sessions that code begins over HTTP, on the server's own kernels."""
