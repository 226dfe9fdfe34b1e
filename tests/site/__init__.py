"""A web site on loopback for the tests: pages that behave, and pages that do everything a hostile server can do."""
