"""HTTP, authentication, WS-Management and PSRP."""
