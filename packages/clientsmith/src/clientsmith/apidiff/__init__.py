"""What changed between two versions of an API, of a Python package or of a service, and the version that it demands."""
