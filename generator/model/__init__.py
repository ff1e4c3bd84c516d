"""The nouns: frozen records and documented tables that every room shares."""
