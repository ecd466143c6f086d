"""Chat clients and the ledger of what was acknowledged."""
