"""What users have who run a script: the environment without the settings of the tests."""

import os


def environment():
    """Variables for a process that compiles as it does for users (see conftest.py)."""
    return {key: value for key, value in os.environ.items() if key != "XLA_FLAGS"}
