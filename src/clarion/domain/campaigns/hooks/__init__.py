"""Campaign hooks: a function that says who of a segment gets the message, and may add to what it says of them.

destinations    whom a campaign may call, checked when it is defined
enrichers       all that is asked before a treatment's messages are rendered
filtering       calling a hook for the people of a page, and what its answer means
telling         the message in the form of a direct message, in which a hook is told of it
"""
