"""Health: how the service and its parts are."""
