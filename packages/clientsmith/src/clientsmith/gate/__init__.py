"""Unreleased against unreleased, and both against what was released: every pair in an environment of its own."""
