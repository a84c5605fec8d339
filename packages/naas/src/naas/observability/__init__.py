"""What the service tells about itself: logs, metrics, traces, and whether it is ready for work.

Each stands alone and costs nothing when it is off: `logs` sets up the logs of a process, `metrics` counts for
Prometheus, `tracing` makes spans, `readiness` asks the parts of a service how they are, and `http` does what every
request needs of the first three, in one place.
"""
