"""Frozen values that the feature packages exchange. Nothing here touches a file or a socket."""
