"""What the ZIP says about itself, for people to read."""
