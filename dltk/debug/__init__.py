"""Tools for debugging a loss function outside tracing."""
