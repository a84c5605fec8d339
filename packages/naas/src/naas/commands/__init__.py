"""The commands of ``naas-server``, a module each; `naas.cli` puts them together."""
