"""Crash drills: every write is struck once, and the next run must finish what was begun."""
