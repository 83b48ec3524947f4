"""Pages about paying: what is for sale, what was bought, refunds."""
