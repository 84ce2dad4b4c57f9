"""Commands about channels: what they would do now, what they sign with, what fails."""
