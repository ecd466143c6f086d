"""Windows cmdlets: services, shares, files, machine facts."""
