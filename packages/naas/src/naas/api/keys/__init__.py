"""API keys: made, listed, rotated and revoked by who knows the admin secret, or by an admin."""
