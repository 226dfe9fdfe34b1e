"""Nephila turns URLs into clean, truthful content."""

from nephila._version import __version__

__all__ = ["__version__"]
