"""The sandbox over real HTTP, as an app and a browser meet it."""
