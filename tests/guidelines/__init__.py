"""Our packages by the guidelines."""
