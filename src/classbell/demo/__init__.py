"""A whole school on one machine, to try: the processes, and the people and classes in it."""
