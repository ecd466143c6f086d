"""What ./run calls.

Each room says in its first line what it is for; what tests import as well stands in tests/support.
"""
