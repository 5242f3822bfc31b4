"""The actions on the Dockerfile: its lines and the layers select each other."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from explorer.tui.dockerfile.dockerfile_list import DockerfileList
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.jump_actions import JumpActions


class DockerfileActions(JumpActions):
    """Selects the layer of a line, and shows its files."""

    @on(DockerfileList.CursorMoved, "#dockerfile-list")
    def select_layer_of_line(self, message: DockerfileList.CursorMoved) -> None:
        """Selects the layer of the line; a line without one changes nothing."""
        message.stop()
        layers = self.query_one(LayerList)
        layer = self.query_one(DockerfileList).layer_of_line(layers.selected_layer)
        if layer is not None and (layer != layers.selected_layer or layers.is_at_step):
            layers.select(layer)

    @on(DockerfileList.Chosen)
    def show_files_of_line(self, message: DockerfileList.Chosen) -> None:
        """Shows the files as of the layer of the line."""
        message.stop()
        layer = self.query_one(DockerfileList).layer_of_line(self.view.layer)
        if layer is not None:
            self._jump(replace(self.view, layer=layer), "files")
