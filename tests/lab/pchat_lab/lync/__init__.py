"""A small Lync Server / Skype for Business Server: central management store, topology, pools,
services.
"""
