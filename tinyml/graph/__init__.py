"""The model column's ground: .tflite to a typed, checked graph, and the int8 oracle."""

from tinyml.graph.ir import DType, Graph, Operator, Quantization, Tensor
from tinyml.graph.oracle import Oracle
from tinyml.graph.reader import load, parse

__all__ = ["DType", "Graph", "Operator", "Oracle", "Quantization", "Tensor", "load", "parse"]
