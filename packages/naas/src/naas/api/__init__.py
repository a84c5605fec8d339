"""The HTTP side: it translates between the v2 wire and the service, and decides nothing."""
