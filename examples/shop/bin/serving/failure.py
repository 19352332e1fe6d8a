class Failure(Exception):
    """Something that can go wrong, in words for whoever deploys."""
