"""One pass a module. A pass takes an `Api` and returns it with its part filled in, and what it noticed.

The order stands in `clientsmith.model.pipeline.PASSES`.
"""
