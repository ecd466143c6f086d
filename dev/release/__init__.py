"""What leaves the repository: the tarball, and the restricted endpoint that it ships."""
