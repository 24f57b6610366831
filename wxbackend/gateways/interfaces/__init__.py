"""The outside world as the use cases see it: one Protocol a system, with its errors.

Every method that goes over the network has a timeout from the settings, and is called with no
database transaction open. `GatewayError` and its kinds stand in `wxbackend.gateways.errors`.
"""
