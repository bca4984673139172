"""Why lines are late: gating factors, chains, competing lines, causes and releases."""
