"""Writing images to boards, one file a flasher."""
