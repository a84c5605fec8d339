"""What counts as on its way."""

from __future__ import annotations

from .models import Parcel, ParcelState


def is_open(parcel: Parcel) -> bool:
    """Whether a parcel has not arrived yet."""
    return parcel.state != ParcelState.DELIVERED
