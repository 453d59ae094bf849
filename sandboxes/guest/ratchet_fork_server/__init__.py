"""Runs many versions of one repository quickly by forking processes that are already warm."""
