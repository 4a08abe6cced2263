"""What can be said of a consultation: one pydantic declaration for each fact."""
