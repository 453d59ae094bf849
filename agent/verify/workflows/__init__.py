"""What a workflow run on a forge did, and what of it can be done again in a sandbox; pure."""
