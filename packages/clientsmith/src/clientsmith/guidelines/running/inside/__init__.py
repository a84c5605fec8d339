"""What runs inside the subprocess that a package is driven in: under its interpreter, beside its dependencies.

Nothing but the standard library may be imported here, and nothing else of the tool: the interpreter may know neither.
The parts, in the order in which they are used:

    main       reads commands and writes answers, a line of JSON each
    fence      no network but the scripted server, no programs, no files outside the temporary folder; time is virtual
    server     the scripted server: gives the answers that the tool wants, and remembers what was asked
    values     arguments out of annotations, defaults and docstrings
    clients    clients out of constructors
    calls      a call to its very end, and what came of it
    protocols  pages and pollers, step by step
    models     models filled with text
    core       what an operation of clientsmith.core says of its answers
"""
