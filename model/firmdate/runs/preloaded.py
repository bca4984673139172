"""Imports what every solve needs when it is imported: the first module of the server that a batch forks from."""

from __future__ import annotations

from firmdate.runs.imports import import_solver_libraries

import_solver_libraries()
