"""The version of this library: written once by clientsmith, moved by releases."""

VERSION = "1.0.0b6"
