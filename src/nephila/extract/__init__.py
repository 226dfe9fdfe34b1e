"""Reading pages: bytes and options in, a document out. Pure functions, no I/O."""
