"""Concord: the working system of a serious violence partnership."""
