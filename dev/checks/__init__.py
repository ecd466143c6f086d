"""Whether everything is as it should be: every check, molecule, ansible-test, all versions of
Ansible, all SQL tools.
"""
