"""The warehouses that can be published to, behind one narrow Protocol."""
