"""Imports and exports: whole audiences in and out, as objects of CSV or JSON lines.

    create ─→ plan (which objects?) ─→ pieces, an object each, batch by batch ─→ complete (segment, report)

A batch's endpoints, its place in the object and its failures are one transaction: a killed import goes on behind
the last batch, no row twice. Above `segments`, since an import makes one and an export reads one.
"""
