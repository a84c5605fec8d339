"""Two API descriptions compared, as their clients see them.

`compare_specs` reads them as ``clientsmith generate`` reads SPEC, `compare_documents` takes data. `RULES` has every
rule.
"""

from .compare import compare_documents, compare_loaded, compare_specs
from .rules import RULES

__all__ = ["RULES", "compare_documents", "compare_loaded", "compare_specs"]
