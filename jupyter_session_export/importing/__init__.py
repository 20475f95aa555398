"""Takes an exported ZIP back: refuses what could do harm, verifies, and only then unpacks."""
