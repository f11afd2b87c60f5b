"""What all records of settings have in common: they are frozen, checked on construction, and JSON in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from nst.config.fields import shown, validated
from nst.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Base of frozen dataclasses whose fields are declared with `nst.config.fields`.

    Raises:
        ConfigError: naming the field, what was expected and what came.
    """

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, validated(spec, getattr(self, spec.name)))

    def with_changes(self, **changes: Any) -> Self:
        """Return a copy with some fields changed and everything validated again."""
        return type(self).from_dict({**self.to_dict(), **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON types; `from_dict` reads them back unchanged."""
        return {spec.name: getattr(self, spec.name) for spec in fields(self)}

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Build the record from a mapping of field names; fields left out keep their defaults.

        Raises:
            ConfigError: for a name that is no field, or a value that the field does not take.
        """
        known = [spec.name for spec in fields(cls)]
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise ConfigError(f"{shown(unknown[0])}: expected one of the settings {', '.join(known)}.")
        for spec in fields(cls):
            if spec.name in settings and settings[spec.name] is None:
                validated(spec, None)  # what is left out is not there at all
        return cls(**settings)
