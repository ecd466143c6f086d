"""What people do with the simulated estate: build it, see what a build would do, run a playbook,
watch an outage.
"""
