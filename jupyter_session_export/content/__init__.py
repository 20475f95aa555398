"""Hash and compress content once: what the store keeps and what the archive splices."""
