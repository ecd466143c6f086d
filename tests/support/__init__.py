"""What ./run does beyond starting a program: labs, playbook runs, measurements, campaigns."""
