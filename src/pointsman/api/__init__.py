"""The REST API: a Starlette application made from the declarations in `resources`."""
