"""The Dockerfile that made an image, and the lines that made each step."""
