"""From bytes to a tree: undoing `Content-Encoding`, finding the character encoding, parsing."""
