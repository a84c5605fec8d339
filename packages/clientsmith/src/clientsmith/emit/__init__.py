"""The back half of the generator: from a named `Api` to a package on disk.

A tour, in the order in which things happen (`package.write_package` is the doorway):

- `methods` decides what each operation becomes in a client, whatever its colour; `types` how shapes are annotated and
  which codecs read them; `documentation` what is said about it.
- `client`, `operations`, `models`, `init` and `tests` put modules together from the pieces of `code` and `statements`,
  a code model that knows its imports; `project` writes the few files that are text.
- `text` is the only place where words of a document are escaped, and where names are refused.
- `check` reads every file as Python will, `formatter` runs ruff once over the tree, `manifest` remembers what was
  written, so that `package` never overwrites what a person changed.
"""
