"""Images from model, firmware and board: CMake, Ninja and the ARM compiler."""

from tinyml.build.elf import Elf, Section, Symbol
from tinyml.build.image import Image, build_image, build_native

__all__ = ["Elf", "Image", "Section", "Symbol", "build_image", "build_native"]
