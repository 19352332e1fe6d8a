"""The parts of bin/load.py."""
