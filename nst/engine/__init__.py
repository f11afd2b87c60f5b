"""The method itself: the network, the objective, the optimisers; the only package that imports TensorFlow."""
