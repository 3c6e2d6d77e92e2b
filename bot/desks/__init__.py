"""The desks behind `Newsdesk`: a module for each kind of work, which joins the layers below for it.

`checks` is this quote real; `spoken` who said what; `told` which articles tell of one event; `news` what a digest is
made of; `watching` who is to be told; `feeds` what comes in by itself; `editing` revisions, removals, purges;
`importing` and `exporting` many articles at once; `departures` and `packing` servers that leave, and people's own data.
They stand on `indexes`, `headings` and `keeping` (what is in memory), `preparing` and `workers` (documents taken
apart).
"""
