"""Crash drills: every write of an operation is struck once; the next run must finish what was begun."""
