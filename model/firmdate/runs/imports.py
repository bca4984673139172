"""Import what every solve needs in the cheapest order."""

from __future__ import annotations

import sys
from importlib import import_module


def import_solver_libraries() -> None:
    """Import Pyomo and the parts of scipy that are used.

    When scipy is imported, an import hook of Pyomo imports scipy.stats and more with it, which nobody needs here and
    which takes longer than all the rest (0.8 s of 1.3 s). The hook is set aside for that one import. Call this before
    anything imports scipy: when Pyomo comes second, it imports them too.
    """
    import_module("pyomo.core")
    hooks = list(sys.meta_path)
    sys.meta_path[:] = [hook for hook in hooks if not type(hook).__module__.startswith("pyomo.")]
    try:
        import_module("scipy.sparse.csgraph")
    finally:
        sys.meta_path[:] = hooks
