"""Campaign hooks: a function that says who of a segment gets the message, and may add to what it says of them.

filtering    calling it for the people of a page, and what its answer means
telling      the message in the form of a direct message, in which a hook is told of it
"""
