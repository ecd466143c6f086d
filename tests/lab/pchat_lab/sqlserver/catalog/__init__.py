"""What can be asked of a server about itself: catalog views and the functions of their reference."""
