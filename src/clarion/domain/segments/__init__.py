"""Segments: who is meant. Definitions and their versions, and the people they select.

The selecting walk, each step a file: `parse` (definition → algebra), `optimise` (algebra → smaller algebra),
`build` (algebra → ClickHouse condition with bound parameters), `columnar` (condition → answer).
"""
