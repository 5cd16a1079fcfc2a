"""Model cards, and the records of cost that they show."""
