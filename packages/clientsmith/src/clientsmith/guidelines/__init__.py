"""The client library guidelines as rules, and the judge of a package by them."""
