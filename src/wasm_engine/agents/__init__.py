"""What a world is made of: manifests, kinds of agents and their components.

`manifest` is the model, `read_manifest` makes it from TOML or from Python values,
`stored_manifest` is its form in a run file, `schema` describes it to editors.
"""
