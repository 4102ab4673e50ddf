"""Components out of source in any of the languages that there is a kit for: `languages` lists them."""
