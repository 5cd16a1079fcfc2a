"""Training, quantisation and evaluation: the only room that imports TensorFlow."""
