"""The adversary: what could be worked out of what is published. It trusts nothing of disclosure control."""
