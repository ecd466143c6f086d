"""Random walks through outages: the real planner against an abstract world that has its own idea of
what every move does.
"""
