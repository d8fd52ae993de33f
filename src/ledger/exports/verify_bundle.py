#!/usr/bin/env python3
"""Verify a session bundle or a receipt of a ledger, offline and without the ledger:

    python verify_bundle.py FILE [--head HEADFILE]...

It needs Python 3.10 or newer and nothing else, and is meant to be read: the rules are these.

1. The leaf of an entry is SHA-256(0x00 + header + SHA-256(salt + body)). The header is session, sequence, type, recorded time,
   actor and key, joined by NUL bytes. So a leaf stands for everything in its entry. (What is called "entity" follows from the
   body; "epoch" is the ledger's name for its present life, and the one thing here that nothing vouches for.)
2. A session's entries have the sequences 1, 2, 3 ... and recorded times that never run backwards.
3. The session's root is that of the RFC 6962 tree over its leaves, in sequence.
4. Every entry stands in the ledger's own tree (of its shard, in position): its leaves and the hashes of the gaps between them make
   that tree's root. A receipt shows the same of one entry, by its path in both trees.
5. A head that you have kept (of the ledger or of the session, or a receipt) is the one that the file leads to. Without a kept
   head the file only proves that it agrees with itself: whoever made it could have made it up.

Exit status 0: everything holds. 1: something does not, and is named.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path[0] == os.path.dirname(os.path.realpath(__file__)):  # noqa: PTH120  # pathlib may be one of them
    # Files that lie beside this one are never taken for parts of Python, whatever they are called.
    del sys.path[0]

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Tree = str | int  # a session's Id, or a shard's number
Found = dict[tuple[Tree, int], str]  # roots by tree and size

FORMAT = "ledger-session-bundle.1"


class Wrong(Exception):
    """What does not hold."""


def sha256(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def leaf_of(entry: Json) -> bytes:
    named = [entry[name] for name in ("sessionId", "sequence", "type", "recordedAt", "actor")]
    header = "\x00".join([str(value) for value in named] + [entry.get("key", "")])
    content = sha256(bytes.fromhex(entry["salt"]) + entry["body"].encode())
    leaf = sha256(b"\x00" + header.encode() + content)
    if leaf.hex() != entry["leaf"]:
        raise Wrong(f"sequence {entry['sequence']}: the leaf is not that of the entry")
    return leaf


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def middle_of(begin: int, end: int) -> int:
    """Where a tree of more than one leaf splits: after the largest power of two of leaves that is smaller than all of them."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaves: pairs of neighbours become nodes, the last one without a neighbour goes up as it is."""
    layer = list(leaves)
    while len(layer) > 1:
        pairs = [node(layer[at], layer[at + 1]) for at in range(0, len(layer) - 1, 2)]
        layer = pairs + layer[len(pairs) * 2 :]
    return layer[0]


def root_by_gaps(leaves: dict[int, bytes], size: int, gaps: Sequence[bytes]) -> bytes:
    """The root of a tree of ``size`` leaves, of which some are given by their index, and the rest as hashes of whole subtrees."""
    indexes, between = sorted(leaves), iter(gaps)

    def subtree(begin: int, end: int, known: list[int]) -> bytes:
        if not known:
            return next(between)
        if end - begin == 1:
            return leaves[begin]
        middle = middle_of(begin, end)
        left = [index for index in known if index < middle]
        return node(subtree(begin, middle, left), subtree(middle, end, known[len(left) :]))

    if not indexes or indexes[-1] >= size:
        raise Wrong("an entry stands beyond the end of its shard")
    try:
        root = subtree(0, size, indexes)
    except StopIteration:
        raise Wrong("hashes of gaps are missing") from None
    if any(True for _ in between):
        raise Wrong("there are more hashes than gaps")
    return root


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to."""
    sides, begin, end = [], 0, size
    while end - begin > 1:
        middle = middle_of(begin, end)
        sides.append(index >= middle)
        begin, end = (middle, end) if index >= middle else (begin, middle)
    if not 0 <= index < size or len(path) != len(sides):
        raise Wrong("a path does not fit its place")
    for is_right, sibling in zip(reversed(sides), path, strict=True):
        leaf = node(sibling, leaf) if is_right else node(leaf, sibling)
    return leaf


def hashes(texts: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def verify_receipt(receipt: Json) -> Found:
    """Answers with the heads that a receipt leads to."""
    entry, session, shard = receipt["entry"], receipt["session"], receipt["shard"]
    leaf = leaf_of(entry)
    found: Found = {}
    for tree, name, place in ((session, entry["sessionId"], "sequence"), (shard, shard["shard"], "position")):
        root = root_by_path(leaf, entry[place] - 1, tree[place], hashes(tree["path"]))
        if root.hex() != tree["root"]:
            raise Wrong(f"the path by {place} does not lead to its root")
        found[name, tree[place]] = tree["root"]
    return found


def verify_entries(session_id: str, entries: Sequence[Json]) -> list[bytes]:
    """Answers with the leaves of a session."""
    leaves: list[bytes] = []
    position = recorded_at = 0
    for expected, entry in enumerate(entries, 1):
        if (entry["sessionId"], entry["sequence"]) != (session_id, expected):
            raise Wrong(f"sequence {expected} of session {session_id} was expected, not {entry['sequence']}")
        if entry["position"] <= position:
            raise Wrong(f"sequence {expected}: its position is not after the one before")
        if entry["recordedAt"] < recorded_at:
            raise Wrong(f"sequence {expected}: recorded before the entry before it")
        position, recorded_at = entry["position"], entry["recordedAt"]
        leaves.append(leaf_of(entry))
    return leaves


def verify_bundle(lines: Sequence[str]) -> tuple[Found, list[Json], list[bytes]]:
    """Answers with the heads that a bundle leads to, its entries, and their leaves."""
    first, *entries = [json.loads(line) for line in lines]
    head, shard = first["head"], first["shard"]
    leaves = verify_entries(head["sessionId"], entries)
    if len(entries) != head["sequence"]:
        raise Wrong(f"the session has {head['sequence']} entries, the bundle {len(entries)}")
    last = entries[-1]
    if (last["position"], last["recordedAt"], shard["shard"]) != (head["position"], head["recordedAt"], head["shard"]):
        raise Wrong("the head does not speak of the last entry")
    if root_of(leaves).hex() != head["root"]:
        raise Wrong("the session's root is not that of its entries")
    by_index = {entry["position"] - 1: leaf for entry, leaf in zip(entries, leaves, strict=True)}
    if root_by_gaps(by_index, shard["position"], hashes(first["gaps"])).hex() != shard["root"]:
        raise Wrong("the entries do not stand in the ledger's tree at their positions")
    roots: Found = {
        (head["sessionId"], head["sequence"]): head["root"],
        (shard["shard"], shard["position"]): shard["root"],
    }
    return roots, entries, leaves


def heads_of(kept: Json) -> list[tuple[Tree, int, str]]:
    """The heads in what somebody has kept: trees, sizes and roots."""
    if "shards" in kept:
        return [(shard["shard"], shard["position"], shard["root"]) for shard in kept["shards"]]
    if "entry" in kept:
        return [(tree, size, root) for (tree, size), root in verify_receipt(kept).items()]
    return [(kept["sessionId"], kept["sequence"], kept["root"])]


def compare(kept: tuple[Tree, int, str], found: Found, leaves: Sequence[bytes]) -> str | None:
    """Hold one kept head against what the file leads to; answers with what that says, or None where it speaks of something else."""
    tree, size, root = kept
    if isinstance(tree, str) and any(name == tree for name, _ in found) and 0 < size <= len(leaves):
        found = {**found, (tree, size): root_of(leaves[:size]).hex()}
    if (tree, size) not in found:
        return None
    if found[tree, size] != root:
        raise Wrong(f"the kept head of {tree} at {size} is of another history")
    return f"{'session' if isinstance(tree, str) else 'shard'} {tree} at {size} is as it was kept"


def lines_of(file: str | Path) -> list[str]:
    """The lines of a file: newlines divide them and nothing else does, for JSON may hold all other breaks."""
    return Path(file).read_bytes().decode().rstrip("\n").split("\n")


def verify(file: str | Path, heads: Sequence[str | Path] = ()) -> list[str]:
    """Answers with what was verified, in words. Raises Wrong."""
    try:
        lines = lines_of(file)
        is_bundle = '"format"' in lines[0]
        if is_bundle:
            if json.loads(lines[0])["format"] != FORMAT:
                raise Wrong(f"this is no {FORMAT}; a newer verifier may know it")
            found, entries, leaves = verify_bundle(lines)
            said = [f"session {entries[0]['sessionId']}: {len(entries)} entries, every one in the ledger's tree"]
        else:
            receipt = json.loads("\n".join(lines))
            found = verify_receipt(receipt)
            leaves = []
            said = [
                f"session {receipt['entry']['sessionId']}: sequence {receipt['entry']['sequence']} is in both trees"
            ]
        for head in heads:
            told = [compare(kept, found, leaves) for kept in heads_of(json.loads(Path(head).read_text("utf-8")))]
            if not any(told):
                raise Wrong(
                    f"{head} speaks of nothing that the file leads to; ask for a bundle or receipt made for that head"
                )
            said += [f"{head}: {line}" for line in told if line]
        return said
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Wrong(f"this is no bundle or receipt as a ledger writes them: {error!r}") from error


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a session bundle or a receipt of a ledger, offline.")
    parser.add_argument("file")
    parser.add_argument(
        "--head", action="append", default=[], metavar="HEADFILE", help="a head or receipt that you have kept"
    )
    given = parser.parse_args()
    try:
        said = verify(given.file, given.head)
    except (Wrong, OSError) as wrong:
        sys.stderr.write(f"WRONG: {wrong}\n")
        return 1
    sys.stdout.write("\n".join(said) + "\n")
    if not given.head:
        sys.stdout.write(
            "No kept head was given: the file agrees with itself, which proves nothing about who made it.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
