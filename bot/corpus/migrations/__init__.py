"""Alembic's side of the schema: `env.py` runs the modules in `versions` on the connection it is given."""
