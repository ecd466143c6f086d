"""What a build and an outage cost, against a bare program that sends the same commands."""
