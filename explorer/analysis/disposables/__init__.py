"""Disposable bytes: visible, but a container is not expected to need them."""
