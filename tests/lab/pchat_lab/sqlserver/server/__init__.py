"""An instance: its databases with their logs and files, its principals, its endpoints."""
