"""The document of the API itself, as JSON and as two pages for people."""
