"""Nephila beside its peers: speed, processor time and memory, measured in one run on one machine."""
