"""The Merkle tree hash of RFC 9162, section 2.1.1, with SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """32 bytes that stand for an entry. Its prefix keeps an entry from passing for a node of the tree."""
    return sha256(_LEAF + entry).digest()


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """The 32 bytes of the root over hashes of leaves, in their order; of no leaves, the hash of nothing.

    Holds as many hashes at a time as the number of leaves has binary digits.
    """
    complete: list[tuple[int, bytes]] = []  # trees of ever smaller powers of two, with their sizes
    for leaf in leaves:
        size, node = 1, leaf
        while complete and complete[-1][0] == size:
            size, node = size * 2, _node_hash(complete.pop()[1], node)
        complete.append((size, node))
    if not complete:
        return sha256().digest()
    _, root = complete.pop()
    while complete:
        root = _node_hash(complete.pop()[1], root)
    return root


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
