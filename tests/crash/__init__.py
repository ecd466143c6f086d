"""Crash drills: every write of an outage's playbooks is struck once, and the next run must finish what was begun."""
