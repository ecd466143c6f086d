"""One process of its own that holds the runspaces of one run of ansible-playbook.

Ansible forks a worker for each task, so whatever a task opens ends with it. The first session of a
run starts the owner (``hire``), a child of nobody; every session leads a conversation with it over
a socket in the run's own folder (``line`` here, ``conversation`` there). FOR INTERNAL COLLECTION
USE ONLY.
"""
