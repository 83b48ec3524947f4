"""Days on which a school, a class or a teacher does not teach: what whoever makes dates asks."""
