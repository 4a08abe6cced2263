"""Speed, always as a ratio to a floor or a peer measured beside it in the same run. See README.md."""
