"""./run new module: the files of a module that does not exist yet, and what its author fills in."""
