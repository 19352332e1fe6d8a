"""How bin/serve runs the shop: processes of the application, and the nginx in front of them."""
