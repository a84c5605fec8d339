"""The client library guidelines as rules, and the judge of a package by them.

    Distribution ─ package_of ─▶ Package ─ judge(RULES) ─▶ Report ─▶ text, JSON, Markdown, SARIF, annotations
                                    └─ running.observe ─▶ what running it showed ┘

`ids` has the 80 ids and how binding they are, `rules` a class for each, `profiles` what the base of a package is
called.
"""
