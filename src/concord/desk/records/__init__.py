"""How long the desk keeps its records, and what people may ask about their own."""
