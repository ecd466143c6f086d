"""What is written by programs for people to read: the site, the READMEs of roles, pictures."""
