"""With so many people and events, what can be learned."""
