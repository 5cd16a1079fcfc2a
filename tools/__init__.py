"""What a clone needs before anything is installed: no import of other packages here."""
