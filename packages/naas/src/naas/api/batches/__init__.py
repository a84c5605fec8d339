"""Batches: the same work on many devices, in waves, with a limit of failures."""
