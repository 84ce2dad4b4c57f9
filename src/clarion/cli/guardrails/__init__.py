"""Commands for what keeps a campaign from going wrong: dry runs, approval, and the guardrails of a project.

dry_run   `clarion campaign dry-run`
approval  `clarion campaign approve`, `reject`
settings  `clarion guardrails`
"""
