"""What changed between two versions of an API, of a Python package or of a service, and the version that it demands.

- `difference` has the values: `Difference`, its `Kind` and `Place`, and `RuleInfo`.
- `python` compares packages, `openapi` compares documents.
- `bump` says which version the differences demand, `verdict` puts it into words, `reports` prints.
"""
