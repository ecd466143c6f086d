"""What tests and ./run share: labs and playbook runs, consoles of lab hosts, resources without
Ansible, an outage and its ledger.
"""
