"""Everything a web server can do wrong, each with the outcome it has to have."""
