"""Modal verbs of Chinese standards: which one a statement has, and where a statement falls into halves."""

import re
from collections.abc import Iterator, Sequence

STRENGTH: Sequence[str] = ("shall", "should", "may", "can", "statement")
"""From the strongest to none; `can` is possibility, not permission."""

_OPEN, _CLOSE = "（(「『“《[［", "）)」』”》]］"

_COMPOUND = re.compile(
    r"供应|相应|响应|适应|应用|应询|效应|对应|应急|反应|应收(?![集取回到录])|应付(?!出)|应税|应变|适宜|便宜|机宜|许可|认可|不可|可行"
)
"""Words that hold a modal character and are no modal verb."""

_LIGHT = r"(?:进行|实施|加以|予以|开展|给予|作出|做出|采取|确定|建立|保持|保留)"
_DUTY_TOWARDS = re.compile(
    r"应对(?=[^，。；：,;:]*" + _LIGHT + r")"
    r"|(?<=组织|企业|公司|单位|部门|团队)应对(?!气候|风险|机遇|挑战|变化|措施|国际|突发)"
)
"""应对 as the modal 应 with the preposition 对; any other 应对 is the verb (to respond to)."""

_EMBEDDED = re.compile(
    r"(?<=.)应[\u4e00-\u9fff]{2}的|何时应|(?<=.)可[\u4e00-\u9fff]{2}的|可以[^，。；]{1,6}的|可再生|可持续"
)
"""A modal inside an attribute or an indirect question is not the modal of the statement."""

_MODALS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("shall", re.compile(r"应当?|必须|不得|(?<![所必供无急])需(?=规定|满足|考虑|符合)")),
    ("should", re.compile(r"宜")),
    ("can", re.compile(r"可能|能够|可导致|可分为|可确定为")),
    (
        "may",
        re.compile(
            r"可以|可用(?!资源|性|的|建筑|空间)|可(?!能|用|靠|再|获|比|重现|重复|量化|见|被|为|合理|预见|接受|抵消|证实|导致|分为"
            r"|确定为|回收|循环|替代|追溯|信|测|监测|视|操作|交易|施加|利用)"
        ),
    ),
)
_WORD = re.compile(r"应当|必须|不得|可以|可能|能够|应|宜|可")
_WORDS = ("应", "宜", "可", "可以", "应当", "必须", "不得", "能够", "可能", "")

_CIRCUMSTANCE = re.compile(
    r"(?:时|初期|期间|之?前|之?后|情况下|基础上|内)，?$|^(?:当|在|对于|如果|若|除.*外)"
)
_NAMED_ACTOR = re.compile(r"(?:组织|企业|公司|单位|部门|者)(?:应|宜|可)")


def modal_of(text: str) -> str:
    """The strongest modal verb of a text (`statement` if it has none), not fooled by compounds."""
    hidden = _COMPOUND.sub("", _EMBEDDED.sub("", _DUTY_TOWARDS.sub("应，", text))).replace("应对", "")
    found = {name for name, pattern in _MODALS if pattern.search(hidden)}
    return next((name for name in STRENGTH if name in found), "statement")


def binding(text: str) -> str | None:
    """The modal verb that could make a part of a sentence a provision of its own."""
    found = modal_of(text)
    return found if found in ("shall", "should", "may") else None


def modal_at(text: str, position: int) -> str:
    """The modal verb of the part of a sentence, between commas, that holds that position."""
    end = 0
    for part in _at_commas(text):
        end += len(part)
        if position < end:
            return modal_of(part)
    return "statement"


def halves(sentence: str) -> list[str]:
    """The sentence, in two where its first half has one modal verb throughout and its second another."""
    parts = _at_commas(sentence)
    modals = [binding(part) for part in parts]
    told = [m for m in modals if m]
    changes = [n for n in range(1, len(told)) if told[n] != told[n - 1]]
    if len(changes) != 1:
        return [sentence]
    cut = [n for n, m in enumerate(modals) if m][changes[0]]
    return _cut(parts, [cut])


def item_parts(item: str) -> list[str]:
    """The item and each further part of it that has a modal of its own.

    A part is not cut off where what precedes is only a circumstance or a topic (the part names its own
    actor), where it is an example, or where it opens a list that the item introduces.
    """
    parts = _at_commas(item)
    cuts: list[int] = []
    current: str | None = None
    for n, part in enumerate(parts):
        found = binding(part)
        if found is None:
            continue
        before = parts[(cuts[-1] if cuts else 0) : n]
        if (current is None and _stands_alone(before, part)) or (current is not None and found != current):
            cuts.append(n)
        current = found
    return _cut(parts, cuts)


def variants(text: str, insert: bool = True) -> Iterator[tuple[str, int]]:
    """The text with one modal verb exchanged or dropped or, with `insert`, put in; and where."""
    for match in _WORD.finditer(text):
        for word in _WORDS:
            if word != match[0]:
                yield text[: match.start()] + word + text[match.end() :], match.start()
    for at in range(len(text) if insert else 0):
        for word in ("应", "宜", "可"):
            yield text[:at] + word + text[at:], at


def _stands_alone(before: Sequence[str], part: str) -> bool:
    if all(_CIRCUMSTANCE.search(b) for b in before):
        return False
    opens_list = part.rstrip().endswith(("：", ":"))
    actor = _NAMED_ACTOR.search(part) or before[-1].rstrip("，").endswith(("企业", "组织"))
    return not (part.startswith(("如", "例如")) or opens_list or actor)


def _at_commas(text: str) -> list[str]:
    """The text cut after each comma or semicolon that stands outside brackets and quotation marks."""
    parts, depth, start = [], 0, 0
    for n, char in enumerate(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif char in "，；" and depth == 0:
            parts.append(text[start : n + 1])
            start = n + 1
    return [*parts, text[start:]] if start < len(text) else parts or [text]


def _cut(parts: Sequence[str], cuts: Sequence[int]) -> list[str]:
    """The parts joined between the cuts; a circumstance goes with what it introduces."""
    starts = [0]
    for cut in cuts:
        at = cut
        while at - 1 > starts[-1] and _CIRCUMSTANCE.search(parts[at - 1]) and not binding(parts[at - 1]):
            at -= 1
        if at > starts[-1]:
            starts.append(at)
    return ["".join(parts[a:b]) for a, b in zip(starts, [*starts[1:], len(parts)], strict=True)]
