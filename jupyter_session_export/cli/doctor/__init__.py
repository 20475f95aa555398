"""`jupyter session-export doctor`: what is wrong with this install, and what to do about it."""
