"""The console: pages for people, made on the server, over the same operations and declarations as the public API.

`app` is the door: who is signed in, what may be posted, which headers an answer has. A page is a module in `pages`
with its routes, a template, and regions of it that follow what happens (`live`).
"""
