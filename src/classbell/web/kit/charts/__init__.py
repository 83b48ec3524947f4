"""Days, weeks and stays as drawings: where each thing stands."""
