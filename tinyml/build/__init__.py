"""Images from model, firmware and board, by Ninja and the compiler at hand."""

from tinyml.build.elf import Elf, Section, Symbol
from tinyml.build.image import Image, build_image, build_native, build_node

__all__ = ["Elf", "Image", "Section", "Symbol", "build_image", "build_native", "build_node"]
