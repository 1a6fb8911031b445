"""Registers: lists, one entry, adding, correcting, closing; the public ones without an account."""
