"""Real processes, killed at the worst moments: nothing is lost, and no configuration is sent twice."""
