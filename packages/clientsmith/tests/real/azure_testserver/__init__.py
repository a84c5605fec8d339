"""AutoRest's own test server, driven through clients that were generated from the Swagger files that it ships."""
