"""E-mail: where it is handed over, how it is written and sent."""
