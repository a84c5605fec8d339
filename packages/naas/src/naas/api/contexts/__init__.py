"""Contexts: which groups of workers there are, and how busy they are."""
