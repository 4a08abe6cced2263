"""One use case a file; what a door may ask of the service, with no HTTP in it."""
