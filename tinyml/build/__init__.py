"""Firmware images from model, firmware and board."""
