"""Moving data: whole consultations out of a clinic's store, and bodies or whole consultations into it."""
