"""wasm-engine:sql: databases of the world, which agents ask in SQL.

`calls` is what agents call, `statement` what sqlglot finds a statement to touch, `wall` the same
asked of SQLite itself, `database` one database, `service` all of a world's, `functions` what SQL
may call in them, `schema` what they hold, `values` how rows travel.
"""
