"""Sessions whose kernels are started by this very process, and recorded in it."""
