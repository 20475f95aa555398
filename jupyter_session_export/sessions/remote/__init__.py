"""Sessions whose kernels a Jupyter server runs, or a gateway: they outlive this process."""
