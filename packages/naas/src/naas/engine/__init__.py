"""Engines deliver jobs to workers. `base` is the contract, `embedded` the engine of one process."""
