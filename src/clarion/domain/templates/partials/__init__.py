"""Partials that templates of an account and region share: sources by name, `{{> name}}` in a template."""
