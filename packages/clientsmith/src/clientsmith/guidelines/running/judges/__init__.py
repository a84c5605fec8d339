"""What running a package shows, a module a theme: each function judges what one rule is about, and never guesses.

What cannot be driven is not judged. A verdict of "not met" stands on something that was sent, answered or raised.
"""
