"""Findings of a verification in words, Chinese and English: the place, what ought to be there, and what is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from ledger.clock import SHANGHAI

#: Field of a finding -> its name in Chinese and English, and whether the position is that of an entry. The first match
#: counts.
FIELDS: Final[tuple[tuple[str, str, str, bool], ...]] = (
    (r"entry", "条目字节", "entry bytes", True),
    (r"leaf_hash", "叶哈希", "leaf hash", True),
    (r"position", "条目序号", "position of an entry", True),
    (r"signature", "签名", "signature", True),
    (r"actor", "签署人", "signature of the actor", True),
    (r"role", "签署人的岗位", "role of the signer", True),
    (r"countersignature", "会签", "second signature", True),
    (r"override", "特批的会签", "second signature of an override", True),
    (r"introduction", "新密钥的引入", "introduction of a new key", True),
    (r"genesis", "创立条目", "genesis", True),
    (r"founders", "创立人名单", "founders", True),
    (r"founder (.+)", r"创立人 \1 的签名", r"signature of the founder \1", True),
    (r"effective_at", "生效时间", "time of the act", True),
    (r"lost_from", "声明缺失的范围", "declared loss", True),
    (r"log", "所属账本", "log", True),
    (r"(column )?id", "条目标识", "id of the entry", True),
    (r"(column )?recorded_at", "登记时间", "time recorded", True),
    (r"column type|entry_tag type", "条目类型", "type of the entry", True),
    (r"column tags", "标签", "tags", True),
    (r"column (.+)", r"\1 列", r"column \1", True),
    (r"entry_tag", "标签行", "row of tags", True),
    (r"tree_size", "时间戳所盖检查点的大小", "size of the time-stamped head", True),
    (r"root_hash", "时间戳所盖检查点的根", "root of the time-stamped head", True),
    (r"tile_node (.+)", r"树节点 \1", r"tree node \1", False),
    (r"log_head", "账本头", "head of the rows", False),
    (r"log_head last_recorded_at", "账本头的最后登记时间", "last time recorded, in the head of the rows", False),
    (r"checkpoint", "检查点", "head", False),
    (r"checkpoint root", "检查点的根", "root of the head", False),
    (r"checkpoint note", "检查点的签名文本", "signed note of the head", False),
    (r"root", "账本的根", "root of the log", False),
    (r"root seen elsewhere", "账本的根", "root of the log", False),
    (r"size", "条目数", "number of entries", False),
    (r"newest head", "本机自己记下的最新检查点", "newest head that this machine keeps", False),
    (r"tag_index", "标签索引的检查点", "index head", False),
    (r"tag_index note", "标签索引检查点的签名文本", "signed note of the index head", False),
    (r"index/(\d+)", r"标签索引的检查点（大小 \1）", r"index head of size \1", False),
    (r"index_entry( \d+)?|index log|index-log", "索引之账", "log of index heads", False),
    (r"index_checkpoint (\d+)", r"索引之账的检查点（大小 \1）", r"head of the log of index heads, size \1", False),
    (r"index-log/(.+)", r"索引之账的文件 \1", r"file \1 of the log of index heads", False),
    (r"cosignature", "见证签名", "cosignature", False),
    (r"timestamp_token( stamped_at)?", "时间戳", "time-stamp", False),
    (r"tile/entries/(.+)", r"条目文件 \1", r"bundle of entries \1", False),
    (r"tile/(.+)", r"树文件 \1", r"tile \1", False),
    (r"document media_type", "文件的类型", "type of a document", False),
    (r"document (\S+) media_type", r"文件 \1 的类型", r"type of the document \1", False),
    (r"documents?[ /](\S{1,16})\S*", r"文件 \1", r"document \1", False),
    (r"document", "文件", "documents", False),
    (r"opening (\S+) subject", r"受限字段 \1 开启值的归属", r"whose the opening of \1 is", True),
    (r"opening (\S+) kek_id", r"受限字段 \1 开启值的密钥", r"key that seals the opening of \1", True),
    (r"opening (.+)", r"受限字段 \1 的开启值", r"opening of \1", True),
    (r"opening", "受限字段的开启值", "openings", False),
    (r"founder", "创立人的签名", "signatures of founders", False),
    (r"tile_node", "树节点", "tree nodes", False),
    (r"column", "列", "columns", False),
    (r"identity_link", "身份关联", "identity links", False),
    (r"index_checkpoint", "索引之账的检查点", "heads of the log of index heads", False),
    (r"key_encryption_key( probe)?", "保险库的密钥", "key that seals the vault", False),
    (r"schema", "数据表的结构", "tables of the log", False),
    (r"head_keeper", "签署该账本的主目录", "homes that sign the log", False),
    (r"identity_link (.+)", r"\1 的身份关联", r"identity link of \1", True),
    (r"lookalike (.+)", r"形近标识 \1", r"look-alike id \1", True),
    (r"lookalike", "形近标识", "look-alike ids", False),
    (r"visit (\d+)", r"查阅记录第 \1 行", r"row \1 of the record of visits", False),
    (r"visits attested", "已登记的查阅记录链头", "attested record of visits", True),
    (r"visit", "查阅记录", "record of visits", False),
    (r"register", "清单", "register", False),
    (r"register_cursor", "清单所到位置", "position of the register", False),
    (r"register (.+)", r"清单行 \1", r"register row \1", True),
)

#: Fields whose position is the size of a signed head.
_OF_SIZE = re.compile(r"checkpoint.*|tag_index.*|cosignature|timestamp_token.*")

#: Phrases of findings -> Chinese, and English where it is said otherwise than in the finding. The first match counts.
PHRASES: Final[tuple[tuple[str, str, str | None], ...]] = (
    (r"nothing", "无", None),
    (r"nobody|none", "无", None),
    (r"nothing, or other bytes", "无，或内容不同", None),
    (r"(\w+), this home", r"\1（本主目录）", None),
    (r"(\w+), this home alone", r"仅 \1（本主目录）", None),
    (r"another home has taken over", "签署已由另一主目录接手", None),
    (r"(\w+) alone", r"仅 \1", None),
    (r"sealed under (\w+)", r"由密钥 \1 封存", None),
    (r"bytes that do not open", "无法开启的字节", None),
    (r"relation (.+)", r"表 \1", r"table \1"),
    (r"column (.+)", r"列 \1", None),
    (r"constraint (.+)", r"约束 \1", None),
    (r"index (.+)", r"唯一索引 \1", r"unique index \1"),
    (r"trigger (.+)", r"触发器 \1", None),
    (r"rule (.+)", r"规则 \1", None),
    (r"policy (.+)", r"行级策略 \1", r"row policy \1"),
    (r"heir (.+)", r"继承表 \1", r"inheriting table \1"),
    (r"function (.+)", r"函数 \1", None),
    (r"operator (.+)", r"运算符 \1", None),
    (r"type (.+)", r"类型 \1", None),
    (r"migration (.+)", r"迁移 \1", None),
    (r"others", "别的", None),
    (r"nothing: lost", "无，已缺失", None),
    (r"nothing: there is no such entry", "无（没有这一条）", None),
    (r"nothing: no entry commits to it", "无（没有条目承诺它）", None),
    (r"nothing: no entry brings this id", "无（没有条目引入该标识）", None),
    (r"nothing: registered without a number", "无（登记时没有身份号码）", None),
    (r"nothing: erased by (.+)", r"无（已由 \1 命令销毁）", None),
    (r"erased by (.+): lost", r"称由 \1 销毁，账本中并无此命令：已缺失", None),
    (r"bytes as they were recorded", "登记时的字节", None),
    (r"an entry, of (\d+) that the head says", r"条目（账本头称共 \1 条）", None),
    (r"a position of every entry", "每条都有序号", None),
    (r"(\d+) entries without one", r"\1 条没有序号", None),
    (r"an id used once", "只用一次的标识", None),
    (r"the id of position (\d+)", r"第 \1 条的标识", r"the id of entry \1"),
    (r"a registered key", "已登记的密钥", None),
    (r"a key valid when recorded", "登记时有效的密钥", None),
    (r"unknown key (\S+)", r"未知密钥 \1", None),
    (r"invalid key (\S+)", r"当时无效的密钥 \1", None),
    (r"a signature that verifies", "核验成立的签名", None),
    (r"a signature of the new key itself", "新密钥自己的签名", None),
    (r"a signature of every founder", "每位创立人的签名", None),
    (r"a signature of (\S+)", r"\1 的签名", None),
    (r"(\S+) holding (\S+)", r"\1 任 \2", None),
    (r"no such grant", "没有这项授权", None),
    (r"a key registered before that vouches for the new one", "由此前已登记的密钥引入", None),
    (r"an originator's seat", "发起岗位", None),
    (r"(\w+) or (\w+)", r"\1 或 \2", None),
    (r"a second signature by SUP or GOV", "SUP 或 GOV 的会签", None),
    (r"entries from (\d+) on", r"自第 \1 条起", None),
    (r"entries (\d+) to (\d+)", r"第 \1 至 \2 条", None),
    (r"no other genesis than that of position 1", "第 1 条以外没有创立条目", "no other genesis than entry 1"),
    (r"one GOV, one OPR and one SECH, each another principal", "GOV、OPR、SECH 各一位，互不相同", None),
    (r"not after (\S+), the day of recording", r"不晚于登记之日 \1", None),
    (r"leaf hash (\S+)", r"叶哈希 \1", None),
    (r"the hash of its entry, (\S+)", r"条目的哈希 \1", None),
    (r"the signed root (\S+)", r"已签署的根 \1", None),
    (r"(\S+), the root at size (\d+)", r"\1（大小 \2 的根）", None),
    (r"at most (\d+), the entries before it", r"至多 \1（此前的条目数）", None),
    (r"entries or hashes to go on with", "可继续核验的条目或哈希", None),
    (r"neither can be read", "两者都读不出", None),
    (r"a bundle of (\d+) entries", r"\1 条条目的文件", None),
    (r"a tile of (\d+) hashes", r"\1 个哈希的树文件", None),
    (r"the hashes of its entries", "其条目的哈希", None),
    (r"size (\d+) and the frontier of the entries", r"大小 \1 及由条目得出的边缘节点", None),
    (r"size (\d+), root (\S+)", r"大小 \1，根 \2", None),
    (r"size (\d+)", r"大小 \1", None),
    (r"at most (\d+) entries", r"至多 \1 条", None),
    (r"at most (\d+)", r"至多 \1", None),
    (r"a published head of size (\d+)", r"大小为 \1 的已公布检查点", None),
    (r"an index of size (\d+)", r"大小为 \1 的索引", None),
    (r"at least (\d+) entries, as seen elsewhere", r"至少 \1 条", r"at least \1 entries"),
    (
        r"(?:entries (\d+) to (\d+) are lost, as founders declare in entry \d+; now )(\d+) entries: rolled back",
        r"\3 条，已回退（创立人声明第 \1 至 \2 条缺失）",
        None,
    ),
    (r"(\d+) entries: rolled back", r"\1 条，已回退", None),
    (
        r"entries (\d+) to (\d+) are lost, as founders declare in entry \d+; now (\S+)",
        r"\3（创立人声明第 \1 至 \2 条缺失）",
        None,
    ),
    (r"hashes that lead to none: .*", "得不出任何根的哈希", "hashes that lead to no root"),
    (r"a head that this home has sealed", "由本机封存的检查点", "a head that this machine has sealed"),
    (r"(?:a|an index) (?:note|head) signed by the log's key", "由账本密钥签署", None),
    (r"no extension line.*|no extension lines.*", "没有扩展行", None),
    (r"the head that was cosigned", "已获见证的检查点", None),
    (r"the head that was time-stamped", "已盖时间戳的检查点", None),
    (r"a line that its key signed over the head", "由其密钥对检查点所作的签名行", None),
    (r"a line of another", "他人的签名行", None),
    (r"a line of (\S+)", r"\1 的签名行", None),
    (r"a time-stamp over the head", "对该检查点的时间戳", None),
    (
        r"index heads that lead to a head of the log, cosigned as asked",
        "得出该账本检查点、并按要求获见证的索引检查点",
        None,
    ),
    (r"the root that is logged, (\S+)", r"已登记的根 \1", None),
    (r"the index of its entries, (\S+)", r"由条目得出的索引 \1", None),
    (r"the next is (\d+)", r"其后为 \1", None),
    (r"an index head", "索引检查点", None),
    (r"the signed index of a size", "某一大小的已签署索引", None),
    (r"none is stored of that size", "未存该大小的索引", None),
    (r"the root of that many index heads", "由这些索引检查点得出的根", None),
    (r"bytes with SHA-256 (\S+)", r"SHA-256 为 \1 的字节", None),
    (r"the pack that the entry names", "条目所指的规则包", None),
    (r"a pack", "规则包", None),
    (r"rows that can be read", "可以读出的行", None),
    (r"rows that replay gives", "重放所得的行", None),
    (r"(\d+) more places differ", r"另有 \1 处不符", None),
    (r"an opening that fits its commitment", "与承诺相符的开启值", None),
    (r"an opening, or an order to erase it", "开启值，或销毁它的命令", None),
    (r"an order in the log to erase it", "账本中销毁它的命令", None),
    (r"an opening of (\S+)", r"\1 的开启值", None),
    (r"an opening", "开启值", None),
    (r"(\S+) of (\S+)", r"\2 的 \1", None),
    (r"a link of the identity number", "身份号码的关联", None),
    (r"a link of each spelling of the number", "号码每种写法的关联", None),
    (r"not all of them", "不全", None),
    (r"links of this number only, sealed by this home", "只有该号码的、由本机封存的关联", None),
    (r"a link of another", "别的关联", None),
    (r"a link", "一项关联", None),
    (r"at least (\d+) rows of visits", r"至少 \1 行查阅记录", None),
    (r"(\d+) rows", r"\1 行", None),
    (r"chain (\S+) over (\d+) rows", r"\2 行的链 \1", None),
    (r"a row of the record of visits", "查阅记录的一行", None),
    (r"a row that fits the chain beside it", "与相邻的链相符的行", None),
)

_FIELDS = [(re.compile(pattern), zh, en, entry) for pattern, zh, en, entry in FIELDS]
_PHRASES = [(re.compile(pattern, re.DOTALL), zh, en) for pattern, zh, en in PHRASES]

#: Fields whose values are data, whatever they look like.
_DATA = re.compile(r"column .*|tag_index note|index/\d+|register .*|genesis|founders|lookalike .*|log")
_TIMES = re.compile(r"(column )?recorded_at|log_head last_recorded_at|timestamp_token stamped_at")
_TIME = re.compile(r"(not before )?(-?\d+(?:\.\d+)?|\d+-\S+|-?Infinity|NaN)(, the time of the last entry)?")
_HEX = re.compile(r"\b([0-9a-f]{16})[0-9a-f]{16,}\b")
_PARTICULAR = re.compile(
    r"^(tile_node|index_entry|index_checkpoint|visit|founder|register|opening"
    r"|lookalike|identity_link|document|column) .*"
)
_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 100

#: A value in Chinese and English; Chinese is None where it is an English sentence that nobody has put into words.
Said = tuple[str | None, str]


def place_of(position: int, field: str) -> tuple[str, str]:
    """Where a finding is, in Chinese and English; what belongs to no entry names none."""
    zh, en, of_entry = _field(field)
    if of_entry and position > 0:
        return f"第 {position} 条的{zh}", f"entry {position}, {en}"
    if _OF_SIZE.fullmatch(field) and position > 0:
        return f"{zh}（大小 {position}）", f"{en} (size {position})"
    return zh, en


def kind_of(field: str) -> tuple[str, str]:
    """What sort of place it is, in Chinese and English, without which one."""
    if field.startswith("tile/"):
        return "树文件与条目文件", "tiles"
    zh, en, _ = _field(
        field
        if field in ("column id", "column recorded_at", "column type", "column tags")
        else _PARTICULAR.sub(r"\1", field)
    )
    return zh, en


def values_of(field: str, expected: str, actual: str) -> tuple[Said, Said]:
    """What ought to be there, and what is."""
    if _TIMES.fullmatch(field):
        return _times(expected, actual)
    if _DATA.fullmatch(field):
        return _phrase(expected, data=True), _phrase(actual, data=True)
    return _phrase(expected, data=False), _phrase(actual, data=False)


def _field(field: str) -> tuple[str, str, bool]:
    for pattern, zh, en, of_entry in _FIELDS:
        if found := pattern.fullmatch(field):
            return found.expand(zh), found.expand(en), of_entry
    return field, field, True


def _phrase(value: str, *, data: bool) -> Said:
    for pattern, zh, en in _PHRASES:
        if found := pattern.fullmatch(value):
            return _short(found.expand(zh)), _short(found.expand(en) if en is not None else value)
    said = _short(value)
    return said if data or " " not in value or not value.isascii() else None, said


def _short(value: str) -> str:
    shown = _HEX.sub(r"\1…", value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _times(expected: str, actual: str) -> tuple[Said, Said]:
    """Instants in Beijing time to the second, to the microsecond where they are of the same second."""
    found = [_TIME.fullmatch(value) for value in (expected, actual)]
    instants = [_instant(f[2]) if f is not None else None for f in found]
    whole = {i.replace(microsecond=0) for i in instants if i is not None}
    spec = "microseconds" if len(whole) == 1 and None not in instants else "seconds"
    told: list[Said] = []
    for value, match, instant in zip((expected, actual), found, instants, strict=True):
        if match is None:
            told.append(_phrase(value, data=False))
            continue
        if instant is None:
            told.append(("不是时刻", "no instant"))
            continue
        at = instant.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(" ", spec)
        before, last = bool(match[1]), bool(match[3])
        told.append(
            (
                f"{'不早于' if before else ''}北京时间 {at}{'（最后一条的时间）' if last else ''}",
                f"{'not before ' if before else ''}{at} Beijing time{match[3] or ''}",
            )
        )
    return told[0], told[1]


def _instant(value: str) -> datetime | None:
    """An instant given in microseconds since 1970, or as text; None where no calendar has it."""
    try:
        if "-" in value[1:] or "T" in value:
            return datetime.fromisoformat(value)
        return _EPOCH + timedelta(microseconds=int(Decimal(value)))
    except (ValueError, OverflowError, InvalidOperation):
        return None
