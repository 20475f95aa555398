"""Pack: records and files become one ZIP that explains and checks itself."""
