"""A Python package at hand, wherever it comes from: a folder, a wheel, an sdist, a git revision, a version of an index."""
