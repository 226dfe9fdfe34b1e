"""The C4A script language: what to do on a page, one command a line, as a person would do it."""
