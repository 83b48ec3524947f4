"""Paying for lessons: what is for sale, who bought what, what the provider of payments says of it, refunds."""
