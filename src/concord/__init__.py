"""Concord: the working system of a serious violence partnership."""

__version__ = "0.1.0"
