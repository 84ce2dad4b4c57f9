"""What apps reported in vain, kept for a while: which event or request, why, and which rule says so."""
