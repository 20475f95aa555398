"""Bring recorded outputs home into the notebook whose cells they are of."""
