"""What is imported, from the object's bytes to rows: unpacked, cut into lines, parsed, in batches."""
