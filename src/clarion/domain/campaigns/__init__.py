"""Campaigns: who gets which message when, in runs that survive a crash between any two steps."""
