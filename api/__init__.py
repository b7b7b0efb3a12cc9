"""The edge: HTTP, command line and pages."""
