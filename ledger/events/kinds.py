"""Field types of the vocabulary: each grammar once, checked by msgspec when a payload is decoded.

Patterns end in ``$(?!\\n)``: ``$`` alone lets one newline pass in Python and not in ECMAScript, so that ``A`` and
``A\\n`` would be two principals, and two verifiers would disagree.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

Id = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$(?!\n)", description="public or pseudonymous id"),
]
CaseId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}/[A-Za-z0-9][A-Za-z0-9._-]{0,39}$(?!\n)",
        description="<edition_id>/<slug>: a case carries its edition",
    ),
]
EventId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)",
        description="id of a statement (UUIDv7)",
    ),
]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256, lower-case hexadecimal")]
PublicKeyText = Annotated[
    str,
    Meta(
        pattern=r"^([0-9a-f]{64}|04[0-9a-f]{128}|[0-9a-f]{64}04[0-9a-f]{128})$(?!\n)",
        description="lower-case hexadecimal: 32 bytes (Ed25519), an uncompressed point of 65 bytes (SM2), "
        "or the SHA-256 "
        "of a site's id and such a point (passkey)",
    ),
]
Token = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9+/]+={0,2}$(?!\n)", max_length=32_000, description="bytes in base64 with padding"),
]
Dec = Annotated[
    str,
    Meta(
        pattern=r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?$(?!\n)",
        description="decimal as a string, never a float",
    ),
]
Fen = Annotated[int, Meta(ge=0, le=2**53 - 1, description="money in fen, a hundredth of a yuan")]
SignedFen = Annotated[int, Meta(description="money in fen, a hundredth of a yuan; negative for a loss")]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
TreeSize = Annotated[int, Meta(ge=1, le=2**53 - 1, description="entries of a tree")]
RowCount = Annotated[int, Meta(ge=0, le=2**53 - 1, description="rows of a record beside the log")]
Year = Annotated[int, Meta(ge=1949, le=2200)]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
LongText = Annotated[str, Meta(min_length=1, max_length=8000)]
Day = date
Instant = Annotated[datetime, Meta(tz=True)]
AwardKind = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,30}$(?!\n)", description="award kind named by the pack")]
Path = Annotated[
    str,
    Meta(pattern=r"^(/[A-Za-z0-9_.~-]+)+$(?!\n)", max_length=200, description="RFC 6901 JSON Pointer"),
]
Grade = Annotated[int, Meta(ge=1, le=5)]
Json = Any

#: Sectors that the catalogue knows; a pack may name further ones in its quota or its conditions.
SECTORS = ("agri_processing", "manufacturing", "engineering", "service", "medical", "education", "environment", "other")
Sector = Annotated[
    str, Meta(pattern=r"^[a-z][a-z_]{0,30}$(?!\n)", description="sector named by the catalogue or the pack")
]
Size = Literal["micro", "small", "medium", "large"]
Ground = Annotated[
    str, Meta(pattern=r"^[a-z][a-z_]{0,30}$(?!\n)", description="ground of revocation named by the pack")
]
RoleCode = Literal[
    "APP",
    "REC",
    "DEP",
    "SEC",
    "SECH",
    "REV",
    "LEAD",
    "COM",
    "CHR",
    "GOV",
    "FIN",
    "SUP",
    "DIS",
    "PUB",
    "OPR",
]
Stage = Literal["material", "onsite"]
