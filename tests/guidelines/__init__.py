"""The guidelines as tests: every rule that reading or running a client package can judge, judged over ours."""
