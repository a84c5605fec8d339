"""Which devices are meant: lists in files, Ansible inventories, names on the command line, and patterns over them."""

from __future__ import annotations

from .files import read_inventory
from .patterns import limited
from .target import Inventory, InventoryError, Target

__all__ = ["Inventory", "InventoryError", "Target", "limited", "read_inventory"]
