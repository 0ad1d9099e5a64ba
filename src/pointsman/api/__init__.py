"""The REST API: an ASGI application made from the declarations in `resources`."""
