"""How calls are described: the OpenAPI document, the shapes of answers, and examples made by the service itself."""
