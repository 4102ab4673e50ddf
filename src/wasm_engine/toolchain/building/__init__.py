"""Components out of source, in any language that there is a kit for: `languages` lists them."""
