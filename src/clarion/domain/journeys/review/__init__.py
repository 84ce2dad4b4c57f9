"""Whether a journey may be published: errors that forbid it, recommendations that do not."""
