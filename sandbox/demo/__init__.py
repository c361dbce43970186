"""The demo: every part of the product started on this machine, with a story from the first day to a decision."""

from sandbox.demo.command import Wishes, run_demo

__all__ = ["Wishes", "run_demo"]
