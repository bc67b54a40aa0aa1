"""What brings the house to the guide: clients of the control socket, processes of their own."""
