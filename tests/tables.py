"""Packs layers with a table of contents, as eStargz and as zstd:chunked, for tests."""

from __future__ import annotations

import base64
import io
import json
import struct
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from explorer.layers.tables.places import TableFormat
from tests.images import digest, gzipped, image, layer, oci_files, tar_of, zstded
from tests.images import file as made_file

ESTARGZ, ZSTD_CHUNKED = TableFormat
Edit = Callable[[dict[str, Any]], object]
_TYPES = {b"0": "reg", b"1": "hardlink", b"2": "symlink", b"3": "char", b"4": "block", b"5": "dir", b"6": "fifo"}
_PREFIX = "io.github.containers.zstd-chunked."


@dataclass(frozen=True)
class Packed:
    """A layer with a table of contents."""

    blob: bytes
    tar: bytes
    """The unpacked bytes, which the diff ID is of."""
    annotations: Mapping[str, str]


def packed(
    tar: bytes, form: TableFormat, edit: Edit = lambda _: None, chunk_bytes: int = 4 << 20, prefix: str = _PREFIX
) -> Packed:
    """Packs a layer; ``edit`` changes its table before that is written."""
    compress = gzipped if form is ESTARGZ else zstded
    blob, entries, at = bytearray(), [], 0
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            entry = _entry(member)
            entries.append(entry)
            if not (member.isreg() and member.size):
                continue
            content = tar[member.offset_data : member.offset_data + member.size]
            blob += compress(tar[at : member.offset_data])
            at = member.offset_data + member.size
            entry["digest"] = digest(content)
            for start in range(0, len(content), chunk_bytes):
                part = content[start : start + chunk_bytes]
                place = {"offset": len(blob), "chunkSize": len(part), "chunkDigest": digest(part)}
                if start:
                    entries.append({"name": member.name, "type": "chunk", "chunkOffset": start, **place})
                elif len(part) < len(content):
                    entry |= place
                else:
                    entry["offset"] = len(blob)
                blob += compress(part)
    table = {"version": 1, "entries": entries}
    if form is ESTARGZ:
        end = _end(tar, at)
        blob += compress(tar[at:end])
        edit(table)
        return _with_gzip_table(bytes(blob), tar[:end], json.dumps(table, indent="\t").encode())
    blob += compress(tar[at:])
    edit(table)
    return _with_zstd_table(bytes(blob), tar, json.dumps(table).encode(), prefix)


def _end(tar: bytes, at: int) -> int:
    """Returns the end of the last member, without the zeros behind it."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.getmembers()
        return max(archive.offset, at)


def _entry(member: tarfile.TarInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": member.name + "/" * member.isdir(), "type": _TYPES[member.type]}
    entry |= {"mode": member.mode, "uid": member.uid, "gid": member.gid}
    entry["modtime"] = datetime.fromtimestamp(int(member.mtime), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if member.isreg():
        entry["size"] = member.size
    if member.linkname:
        entry["linkName"] = member.linkname
    if member.ischr() or member.isblk():
        entry |= {"devMajor": member.devmajor, "devMinor": member.devminor}
    xattrs = {
        key.removeprefix("SCHILY.xattr."): base64.b64encode(value.encode()).decode()
        for key, value in member.pax_headers.items()
        if key.startswith("SCHILY.xattr.")
    }
    return {**entry, "xattrs": xattrs} if xattrs else entry


def _with_gzip_table(blob: bytes, tar: bytes, table: bytes) -> Packed:
    end = layer(made_file("stargz.index.json", table, mode=0, mtime=0), form=tarfile.USTAR_FORMAT)
    end = end[: 512 + -(-len(table) // 512) * 512 + 1024]
    footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0%016xSTARGZ" % len(blob)
    footer += b"\x01\0\0\xff\xff" + bytes(8)
    annotations = {"containerd.io/snapshot/stargz/toc.digest": digest(table)}
    return Packed(blob + gzipped(end) + footer, tar + end, annotations)


def _with_zstd_table(blob: bytes, tar: bytes, table: bytes, prefix: str) -> Packed:
    stored = zstded(table)
    position = f"{len(blob) + 8}:{len(stored)}:{len(table)}:1"
    footer = bytes(64)
    blob += b"".join(b"\x50\x2a\x4d\x18" + struct.pack("<I", len(part)) + part for part in (stored, footer))
    annotations = {f"{prefix}manifest-checksum": digest(stored), f"{prefix}manifest-position": position}
    return Packed(blob, tar, annotations)


def table_files(layers: Sequence[Packed], **config: Any) -> dict[str, bytes]:
    """Returns the files of an OCI layout of layers with tables."""
    made = image(*(each.tar for each in layers), **config)
    blobs = {each.tar: each.blob for each in layers}
    files = oci_files(made, compress=blobs.__getitem__)
    index = json.loads(files["index.json"])
    descriptor = index["manifests"][0]
    manifest = json.loads(files.pop(_blob_name(descriptor["digest"])))
    for listed, each in zip(manifest["layers"], layers, strict=True):
        listed["annotations"] = dict(each.annotations)
    content = json.dumps(manifest).encode()
    descriptor |= {"digest": digest(content), "size": len(content)}
    files[_blob_name(digest(content))] = content
    return {**files, "index.json": json.dumps(index).encode()}


def table_archive(layers: Sequence[Packed], **config: Any) -> bytes:
    """Returns an OCI archive of layers with tables."""
    return tar_of(table_files(layers, **config))


def _blob_name(name: str) -> str:
    return f"blobs/{name.replace(':', '/')}"
