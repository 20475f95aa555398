"""Speed and size, measured side by side with what one would use instead."""
