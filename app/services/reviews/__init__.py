"""What clinicians decided after reading a note, and how often they agreed with it."""
