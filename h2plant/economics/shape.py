"""The shape of what a file says of money: its keys are the fields, and a number is no flag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class EconomicsShape(BaseModel):
    """A mapping under ``economics``: true is not 1 there, and 1 is not true."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _keep_apart(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a flag where a number is wanted, and a number where a flag is."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if annotation is bool:
            if not isinstance(value, bool):
                raise ValueError("should be true or false")
        elif bool not in get_args(annotation) and not _is_of_models(annotation) and _has_flag(value):
            raise ValueError("should be a number, not true or false")
        return value


def _is_of_models(annotation: Any) -> bool:
    """Whether a value is a mapping with fields of its own, or holds such: these look themselves."""
    parts = get_args(annotation)
    if parts:
        return any(map(_is_of_models, parts))
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _has_flag(value: Any) -> bool:
    """Whether a value, or one in a list or a mapping that it is, is true or false; other mappings look themselves."""
    if isinstance(value, Mapping):
        return any(_has_flag(item) for item in value.values() if not isinstance(item, Mapping | list))
    return any(map(_has_flag, value)) if isinstance(value, list | tuple) else isinstance(value, bool)


__all__ = ["EconomicsShape"]
