"""Candour turns validated data packages of quality results into a public website that needs no server."""

__version__ = "0.1.0"
