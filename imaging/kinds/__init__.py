"""Which scan this is: modality, part, view; and which kinds are measured."""
