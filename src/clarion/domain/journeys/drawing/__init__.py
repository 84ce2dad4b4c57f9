"""A journey as a drawing.

graph ─→ picture: boxes and arrows in words ─→ Mermaid, or a layout ─→ SVG
"""
