"""How tests and people steer the lab: control endpoint and command line."""
