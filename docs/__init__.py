"""The pictures of the documentation, and the script that takes them."""
