"""What people did one thing after another: whether they came back, how far they got, which ways they took."""
