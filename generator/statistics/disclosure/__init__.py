"""Disclosure control: the policy by class, secondary protection, and the gate that lets tables out."""
