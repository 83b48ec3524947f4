"""The host pool: seats, claims on time, and what each host's day still allows."""
