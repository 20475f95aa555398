"""What delivery is held to; `suite` runs all of it."""
