"""How often laws are tried: the same problems on every run, so that a run fails only when the code has changed.

``FIRMDATE_LAW_EXAMPLES=20`` tries twenty times as many problems, and others on every run. Without it half of the
problems that a law names is tried, at least two, so that the whole suite stays quick.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_TIMES = int(os.environ.get("FIRMDATE_LAW_EXAMPLES", "0"))


def law(examples: int) -> settings:
    """Settings of one law.

    Args:
        examples: Random problems that are tried.
    """
    return settings(
        max_examples=examples * _TIMES or max(examples // 2, 2),
        derandomize=_TIMES == 0,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
