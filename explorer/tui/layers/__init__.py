"""The list of layers and the details of the selected one."""
