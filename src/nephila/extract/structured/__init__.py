"""Structured data out of pages by rules, without a model."""
