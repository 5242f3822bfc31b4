"""Kinds of files, disposable or not: each visible byte has one."""
