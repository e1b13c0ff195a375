"""The shape every evidence record shares, and how a kind declares its columns.

A kind is a pydantic model whose fields are scalars only: a set is either flag columns or rows of
another kind. `None` means "not filled in", which every check treats as unknown, never as no.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.fields import FieldInfo

Pair = tuple[str, str]
"""A text in Chinese and English, in this order."""

MAX_DIGITS = 24
DECIMAL_PLACES = 10
"""Decimals are exact up to this many places, in every executor (DECIMAL(34, 10))."""

STATUSES: Mapping[str, Pair] = {
    "draft": ("草稿", "draft"),
    "approved": ("已批准", "approved"),
    "withdrawn": ("已撤回", "withdrawn"),
}


def column(
    zh: str,
    en: str,
    *,
    help: Pair | None = None,
    choices: Mapping[str, Pair] | None = None,
    ref: str | None = None,
    unit: str | None = None,
    example: str | int | bool | None = None,
    required: bool = False,
    expires: bool = False,
    settled_by: str | None = None,
    latest_per: str | None = None,
) -> Any:
    """Declare one column of a kind.

    `choices` maps the stored code to its labels; `ref` names the kind whose `id` the column holds;
    `unit` is the unit the number is stored in; `example` fills the example row of the template.

    `expires` marks a date on which something is due or lapses. `settled_by` names the column that, once
    filled in, ends that duty; `latest_per` the column whose newest record alone counts (of the calibrations
    of one meter only the last one falls due).
    """
    about: dict[str, Any] = {
        "zh": zh,
        "en": en,
        "help": help,
        "choices": choices,
        "ref": ref,
        "unit": unit,
        "example": example,
    }
    about |= {"expires": expires, "settled_by": settled_by, "latest_per": latest_per}
    return Field(default=... if required else None, json_schema_extra={"shall": about})


def about(field: FieldInfo) -> dict[str, Any]:
    """What `column` declared for this field."""
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    return extra["shall"]  # type: ignore[return-value]


class Record(BaseModel):
    """What every evidence record carries, whatever its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)

    kind: ClassVar[str] = ""
    chapter: ClassVar[str] = ""
    labels: ClassVar[Pair] = ("", "")
    help: ClassVar[Pair] = ("", "")

    id: str = column(
        "编号", "id", help=("本机构内唯一", "unique for this kind within the organisation"), required=True
    )
    site: str | None = column("场所", "site", ref="site")
    unit: str | None = column("部门", "unit", ref="unit")
    valid_from: date | None = column(
        "生效日期",
        "valid from",
        help=("证据开始有效的日期，不是录入日期", "when the evidence takes effect, not when it was entered"),
    )
    valid_until: date | None = column(
        "失效日期", "valid until", help=("留空表示仍然有效", "empty: still valid"), expires=True
    )
    period_from: date | None = column(
        "覆盖期间起", "period from", help=("记录所覆盖期间的首日", "first day the record covers")
    )
    period_until: date | None = column(
        "覆盖期间止", "period until", help=("记录所覆盖期间的末日", "last day the record covers")
    )
    status: str | None = column(
        "状态",
        "status",
        choices=STATUSES,
        help=("草稿和已撤回的不作为证据", "drafts and withdrawn records are not evidence"),
    )
    approved_by: str | None = column("批准人", "approved by", ref="person")
    approved_on: date | None = column("批准日期", "approved on")
    document: str | None = column(
        "附件", "document", help=("文件名；导入后为其 SHA-256", "a file name; after the import its SHA-256")
    )
    source: str | None = column(
        "来源", "source", help=("记录在何处、由谁提供", "where the record is kept, who gave it")
    )
    note: str | None = column("备注", "note")

    def __init_subclass__(
        cls,
        *,
        kind: str = "",
        zh: str = "",
        en: str = "",
        about_zh: str = "",
        about_en: str = "",
        **rest: Any,
    ) -> None:
        """Take the kind's name, its labels and its help from the class line."""
        super().__init_subclass__(**rest)
        cls.kind, cls.labels, cls.help = kind, (zh, en), (about_zh, about_en)
        cls.chapter = cls.__module__.rpartition(".")[2]

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unknown(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @model_validator(mode="after")
    def _check_choices_and_numbers(self) -> Self:
        choices, decimals = _limited(type(self))
        for name, allowed in choices:
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise ValueError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
        for name in decimals:
            value = getattr(self, name)
            if value is not None:
                _check_decimal(name, value)
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until: before valid_from")
        if self.period_from and self.period_until and self.period_until < self.period_from:
            raise ValueError("period_until: before period_from")
        return self


@cache
def _limited(model: type[Record]) -> tuple[list[tuple[str, Mapping[str, Pair]]], list[str]]:
    """The columns of a kind that have choices, with these, and those that hold decimals."""
    fields = model.model_fields.items()
    choices = [(name, about(field)["choices"]) for name, field in fields if about(field)["choices"]]
    return choices, [name for name, field in fields if field.annotation == (Decimal | None)]


def _check_decimal(name: str, value: Decimal) -> None:
    if not value.is_finite():
        raise ValueError(f"{name}: not a finite number")
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > DECIMAL_PLACES or value.adjusted() >= MAX_DIGITS:
        raise ValueError(f"{name}: at most {MAX_DIGITS} digits before and {DECIMAL_PLACES} after the point")
