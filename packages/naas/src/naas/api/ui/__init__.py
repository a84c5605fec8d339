"""The web page at /ui: files that a browser loads as they are, speaking the same API as everybody else."""
