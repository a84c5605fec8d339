"""From change fragments to a published version, in steps that can be taken up again."""
