"""What became of the webhook of a job."""
