"""The method itself: the network, the objective, the optimisers; the only package that imports TensorFlow."""

from nst.plan.onednn import enable

# Before any module of this package imports TensorFlow, which looks once.
enable()
