"""The page cache: what servers sent, kept in one SQLite file, and when it may stand for a request."""
