"""The pictures of README and docs, taken from the real program: `make screenshots`."""
