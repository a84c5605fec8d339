"""Configurations of devices over time."""
