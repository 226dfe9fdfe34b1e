"""Bytes to text and tree."""
