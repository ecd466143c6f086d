"""How dense the code is, counted on its syntax trees: where linters do not look."""
