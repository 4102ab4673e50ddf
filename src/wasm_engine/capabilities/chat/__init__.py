"""Language models, of which agents know by name: calls, conversations, scripts in their place."""
