"""What a server tells of itself: catalog views, and functions about its objects."""
