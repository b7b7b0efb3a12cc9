"""Spreadsheets: files of cells in and out.

Bytes become a table of cells, and cells become values of an event's schema.
"""
