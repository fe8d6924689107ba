"""All records as one HTML file that opens from a disk: a model in JSON, made here, and a static page that draws it.

Units, directions, formats and words are in the model; the page's scripts know none of them.
"""
