"""Lends the books of a village library."""
