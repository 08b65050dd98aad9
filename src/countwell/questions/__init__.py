"""Sixteen questions over five shapes, each a supposition joined with the standing review."""
