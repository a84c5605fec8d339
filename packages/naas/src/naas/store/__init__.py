"""Stores remember. `base` is the contract, `sql` keeps it on SQLite and PostgreSQL, `migrations` knows older forms."""
