"""The ZIP form of a package: written the same each time, read within limits and by an allow-list of names."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from api.sentences import sentence
from ledger.errors import EvidenceError, TooLargeError
from ledger.sentences import Pair

FILES_MAX = 100_000
LENGTH_MAX = 512_000_000

NAME = re.compile(
    r"(manifest|answers|index-proofs|inclusion-proofs|disclosures)\.json|checkpoint|index|policy|README\.txt"
    r"|report\.(zh|en)\.(html|pdf)|entries/[1-9][0-9]{0,11}\.json|packs/[0-9a-f]{64}\.toml"
    r"|attachments/[0-9a-f]{64}|timestamps/[A-Za-z0-9._-]{1,60}\.tsr"
)


def write(files: Mapping[str, bytes]) -> bytes:
    """The archive's bytes: names in order, one fixed date, so that the same content is the same file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return buffer.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """Name -> content. Raises EvidenceError or TooLargeError that names what is wrong; writes nothing anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_names(infos)
            files: dict[str, bytes] = {}
            left = LENGTH_MAX
            for info in infos:
                # The size that an archive states is a claim: no more than is left is ever unpacked.
                with archive.open(info) as file:
                    content = file.read(left + 1)
                if len(content) > left:
                    raise _too_large(sentence("more than {most} bytes", most=LENGTH_MAX))
                left -= len(content)
                files[info.filename] = content
            return files
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise EvidenceError(
            "bad_package", sentence("the file is no readable ZIP archive: {error}", error=error)
        ) from error


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > FILES_MAX:
        raise _too_large(sentence("more than {most} files", most=FILES_MAX))
    seen = set[str]()
    for info in infos:
        if not NAME.fullmatch(info.filename):
            raise EvidenceError(
                "bad_package",
                sentence(
                    "no file “{filename}” belongs in a package",
                    filename=info.filename[:80],
                ),
            )
        if info.filename in seen:
            raise EvidenceError("bad_package", sentence("{filename} is there twice", filename=info.filename))
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise EvidenceError(
                "bad_package",
                sentence("{filename} is encrypted or packed in another way", filename=info.filename),
            )
        seen.add(info.filename)


def _too_large(what: Pair) -> TooLargeError:
    return TooLargeError("package_too_large", sentence("the package holds {name}", name=what))
