"""/sandbox/: what tests and the phone use to look behind the platforms and to steer them."""
