"""Making a note out of a judgement."""
