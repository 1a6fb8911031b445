"""Sign-in for a demonstration: choose an invented person. Real sign-in is a later room beside this one."""
