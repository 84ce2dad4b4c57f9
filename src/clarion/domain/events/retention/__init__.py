"""How long a project's events are kept: what the project says itself, else what the settings say.

store    what projects say
service  asking and saying
jobs     doing it: by the store itself for as long as anybody's are kept, by a daily job for each project's own
control  the control API's calls
"""
