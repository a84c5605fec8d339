"""Files of an index on their way to a folder: under which names, whether they are the right ones, many at a time."""
