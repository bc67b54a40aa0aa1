"""What measures hearing and sound."""
