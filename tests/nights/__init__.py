"""./run nights: random stories on the simulated estate, through the playbooks that people run."""
