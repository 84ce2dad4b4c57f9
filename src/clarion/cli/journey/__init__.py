"""`clarion journey`: commands for journeys, from the file to the people inside.

verbs     `list`, `show`, `publish`, `pause`, `resume`, `cancel`, `delete`
versions  `where`, `versions`, `edit`
review    `review`: what keeps a journey from being published
testing   `test`: a few people go through a copy that hardly waits
simulate  `simulate`: what a journey would have done in the last days
draw      `draw`: a journey as Mermaid or SVG
files     `save`, `plan`, `apply`, `diff`, `copy`: journeys as files
subject   whether a command is about a kept journey or about a file
form      what such a file is: read, written, compared
deploying what applying a file does to a project
"""
