"""Recipe that trains the bundled English command model and packs it in Vosk's format.

Run ``python -m training --help`` from the repository's root. The product itself never imports
this package: its tools (PyTorch and others) are the optional extra ``training``.
"""
