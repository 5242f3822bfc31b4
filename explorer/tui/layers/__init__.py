"""The layers and the details of the selected one."""
