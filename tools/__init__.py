"""Generators and checks for developers; never imported by clarion."""
