"""What people can say and what it means: templates (data) made into a graph of words."""
