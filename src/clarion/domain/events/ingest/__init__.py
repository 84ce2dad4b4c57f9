"""What the pipeline's steps work with: the body's form, names and their quotas, and recent events."""
