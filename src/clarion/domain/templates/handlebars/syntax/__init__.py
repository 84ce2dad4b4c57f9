"""From text to tree: scanner (pieces), expressions (inside a tag), parser (tags), whitespace (lines)."""
