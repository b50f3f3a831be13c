"""MATLAB custom training loops for JAX."""

__version__ = "0.1.0"
