"""What a change would come to, shown before anything is saved."""
