"""What became of the people a campaign came to, by what they were given."""
