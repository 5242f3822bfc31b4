"""The differences between two images: layers, files, packages, settings and bytes.

``explorer.pipeline.image_diff`` joins them.
"""
