"""The audit trail, for admins: listed, exported, verified."""
