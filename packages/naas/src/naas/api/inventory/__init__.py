"""Devices, groups and credentials by name."""
