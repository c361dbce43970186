"""The Web API: one small file per method family, one table that lists them."""
