"""Stores remember jobs. `base` is the contract, `sqlite` the store of one machine."""
