"""Jobs: submit, read, wait, watch, list, cancel, replay."""
