"""The plugin of the package, where it is not installed and so has no entry point."""

from __future__ import annotations

from importlib.metadata import entry_points

PLUGIN = "oftp.testing.plugin"

pytest_plugins = ["pytester"]
if not any(entry.value == PLUGIN for entry in entry_points(group="pytest11")):
    pytest_plugins.append(PLUGIN)
