"""A new workspace in which a service and its client grow together."""
