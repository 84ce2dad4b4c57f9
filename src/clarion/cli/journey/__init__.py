"""`clarion journey`: commands for journeys, from the file to the people inside.

verbs     `list`, `show`, `publish`, `pause`, `resume`, `cancel`, `delete`
versions  `where`, `versions`, `edit`
files     `save`, `plan`, `apply`, `diff`, `copy`: journeys as files
form      what such a file is: read, written, compared
deploying what applying a file does to a project
"""
