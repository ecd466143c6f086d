"""Database mirroring: sessions, and the statements and views of them."""
