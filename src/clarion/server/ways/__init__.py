"""The ways out, and back: lanes, providers, and what comes from them, built from their parts."""
