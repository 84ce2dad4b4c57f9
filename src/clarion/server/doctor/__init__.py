"""`clarion doctor`: what is wrong with an installation (`findings`), and with its copy of the audience (`mirror`)."""
