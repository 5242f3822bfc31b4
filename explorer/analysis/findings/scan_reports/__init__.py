"""Reports of other scanners, laid over the layers and the packages of an image."""
