"""The Debian package: the tree that it is built from, and the files in it that are made."""
