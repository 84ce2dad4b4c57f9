"""From tree to closures: paths and values (expressions), blocks, statements; `unit` is what they share."""
