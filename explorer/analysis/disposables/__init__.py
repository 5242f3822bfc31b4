"""Disposable bytes: visible, but not needed by a running container."""
