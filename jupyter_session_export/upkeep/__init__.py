"""Clean-up: sessions end when they are idle, and go when their time is over."""
