"""Phase one of an environment: resolve and download, with network, running no code of anybody's project."""
