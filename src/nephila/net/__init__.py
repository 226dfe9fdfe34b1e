"""URLs, hosts, headers."""
