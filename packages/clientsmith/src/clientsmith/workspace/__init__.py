"""A uv workspace as data: its members, who depends on whom, what was released, what git says of its paths."""
