"""The estate: from its file to a world, and a world as plain values."""
