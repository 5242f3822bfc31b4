"""Images and containers in the Docker Engine and in Podman."""
