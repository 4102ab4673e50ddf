"""wasm-engine:sql: databases of the world, which agents ask in SQL.

`calls` is what agents call, `statement` what sqlglot finds a statement to touch, `wall` the same
asked of SQLite itself, `database` one database, `service` all of a world's, `functions` what SQL
may call in them, `schema` what they hold; `outside` the same of databases that lie elsewhere, and
`postgres` what of a statement PostgreSQL is told. How rows travel: `concepts.sql_values`.
"""
