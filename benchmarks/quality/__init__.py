"""Quality of what is read, in tables."""
