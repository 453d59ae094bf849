"""The frozen pydantic model that every protocol type is made of."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable record: equal content is equal, unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
