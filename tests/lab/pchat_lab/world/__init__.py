"""Time, machines, network, shares, accounts: what every other part of the lab stands on."""
