from tests.acceptance.project import Project


def test_immediate(project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    assert project.members(segment) == ["jon", "lea"]
