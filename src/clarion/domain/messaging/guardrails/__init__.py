"""What a project holds its campaigns to, whatever each of them says: frequency caps, and a control group.

frequency      how many messages somebody may get in a time, of all campaigns and journeys together
control_group  people that no campaign ever writes to
service        what both need to know of the people of a page
control        where they are looked at
"""
