"""Thirty pairs by somebody who had not read the comparison: a library of books, and one change of its description each.

They were labelled once, from the OpenAPI specification and oasdiff's documentation, and run once; the figure of that
first run is in docs/guide/diff.md. Since then they are held as tests. ``corrected`` says which labels were wrong, and
why: the weight that stands is the corrected one, ``first`` what was written at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["UNSEEN", "Unseen", "Weight"]

Weight = Literal["breaks", "adds", "told", "nothing"]

BOOKS = """\
openapi: 3.1.0
info: {title: Books, version: 2.3.0}
servers: [{url: https://books.example}]
security: [{token: []}]
paths:
  /books:
    get:
      operationId: list_books
      parameters:
        - {name: author, in: query, schema: {type: string}}
        - {name: sort, in: query, schema: {type: string, enum: [title, year], default: title}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: ids, in: query, style: form, explode: true, schema: {type: array, items: {type: integer}}}
      responses:
        '200':
          description: Books
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}
        '400': {description: Wrong}
    post:
      operationId: add_book
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses:
        '201':
          description: Added
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
  /books/{isbn}:
    get:
      operationId: get_book
      parameters:
        - {name: isbn, in: path, required: true, schema: {type: string, pattern: '^[0-9]{13}$'}}
      responses:
        '200':
          description: A book
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        '404': {description: None}
    delete:
      operationId: delete_book
      parameters:
        - {name: isbn, in: path, required: true, schema: {type: string, pattern: '^[0-9]{13}$'}}
      responses:
        '204': {description: Gone}
  /loans:
    post:
      operationId: lend
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Loan'}}}
      responses:
        '200':
          description: Lent
          content: {application/json: {schema: {$ref: '#/components/schemas/Loan'}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
  schemas:
    Draft:
      type: object
      required: [title]
      properties:
        title: {type: string, maxLength: 200}
        year: {type: integer}
        cover: {type: string, enum: [hard, soft]}
    Book:
      type: object
      required: [isbn, title]
      properties:
        isbn: {type: string}
        title: {type: string}
        year: {type: integer, minimum: 1450}
        status: {type: string, enum: [here, lent]}
        editor: {type: [string, 'null']}
        measures: {$ref: '#/components/schemas/Measures'}
    Measures:
      type: object
      properties:
        pages: {type: integer}
        weight: {type: number}
    Loan:
      type: object
      required: [isbn, days]
      properties:
        isbn: {type: string}
        days: {type: integer, maximum: 30}
        reader: {type: string}
"""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A text of `BOOKS` and what stands there now; ``subject`` is in the difference's subject (empty: nothing)."""

    name: str
    weight: Weight
    subject: str
    before: str
    after: str
    corrected: str = ""
    first: Weight | None = None

    @property
    def new(self) -> str:
        """The text of the new description."""
        assert self.before in BOOKS, self.before
        return BOOKS.replace(self.before, self.after)


_DELETE = """\
    delete:
      operationId: delete_book
      parameters:
        - {name: isbn, in: path, required: true, schema: {type: string, pattern: '^[0-9]{13}$'}}
      responses:
        '204': {description: Gone}
"""
UNSEEN: tuple[Unseen, ...] = (
    Unseen("operation is gone", "breaks", "DELETE /books/{isbn}", _DELETE, ""),
    Unseen("path gets a prefix", "breaks", "POST /loans", "  /loans:\n", "  /v2/loans:\n"),
    Unseen(
        "operation is deprecated",
        "adds",
        "POST /loans",
        "operationId: lend",
        "operationId: lend\n      deprecated: true",
    ),
    Unseen(
        "optional parameter is added",
        "adds",
        "GET /books",
        "        - {name: page,",
        "        - {name: year, in: query, schema: {type: integer}}\n        - {name: page,",
    ),
    Unseen(
        "required header is added",
        "breaks",
        "GET /books",
        "        - {name: page,",
        "        - {name: X-Tenant, in: header, required: true, schema: {type: string}}\n        - {name: page,",
    ),
    Unseen(
        "parameter goes from the query to a header",
        "breaks",
        "GET /books",
        "{name: author, in: query,",
        "{name: author, in: header,",
    ),
    Unseen("value of a query's enum is gone", "breaks", "GET /books", "enum: [title, year]", "enum: [title]"),
    Unseen(
        "value of a query's enum is new", "adds", "GET /books", "enum: [title, year]", "enum: [title, year, author]"
    ),
    Unseen("default of a parameter is another", "breaks", "GET /books", "default: title", "default: year"),
    Unseen(
        "style of an array parameter is another",
        "breaks",
        "GET /books",
        "style: form, explode: true",
        "style: form, explode: false",
    ),
    Unseen("style that is the default is left out", "nothing", "", "style: form, explode: true, ", ""),
    Unseen(
        "lowest page falls to 0",
        "adds",
        "GET /books",
        "schema: {type: integer, minimum: 1}",
        "schema: {type: integer, minimum: 0}",
    ),
    Unseen(
        "integer parameter becomes a number",
        "adds",
        "GET /books",
        "schema: {type: integer, minimum: 1}",
        "schema: {type: number, minimum: 1}",
    ),
    Unseen(
        "bound is exclusive now, one below, for integers",
        "nothing",
        "",
        "schema: {type: integer, minimum: 1}",
        "schema: {type: integer, exclusiveMinimum: 0}",
    ),
    Unseen(
        "request body becomes required",
        "breaks",
        "POST /loans",
        "operationId: lend\n      requestBody:\n",
        "operationId: lend\n      requestBody:\n        required: true\n",
    ),
    Unseen("length of a title is limited more", "breaks", "Draft.title", "maxLength: 200", "maxLength: 100"),
    Unseen(
        "new optional field of what is sent",
        "adds",
        "Draft",
        "        cover: {type",
        "        language: {type: string}\n        cover: {type",
    ),
    Unseen(
        "field of what is sent becomes required",
        "breaks",
        "Draft",
        "required: [title]\n      properties:\n        title: {type: string, maxL",
        "required: [title, year]\n      properties:\n        title: {type: string, maxL",
    ),
    Unseen(
        "value of a received enum is new", "breaks", "Book.status", "enum: [here, lent]", "enum: [here, lent, lost]"
    ),
    Unseen("value of a received enum is gone", "adds", "Book.status", "enum: [here, lent]", "enum: [here]"),
    Unseen(
        "received field may be null",
        "breaks",
        "Book.title",
        "        title: {type: string}\n",
        "        title: {type: [string, 'null']}\n",
    ),
    Unseen(
        "received field is always there now",
        "adds",
        "Book",
        "required: [isbn, title]",
        "required: [isbn, title, status]",
    ),
    Unseen("received field may be missing", "breaks", "Book", "required: [isbn, title]", "required: [isbn]"),
    Unseen(
        "nullable is written as anyOf",
        "nothing",
        "",
        "editor: {type: [string, 'null']}",
        "editor: {anyOf: [{type: string}, {type: 'null'}]}",
    ),
    Unseen(
        "schema is written where it was referred to",
        "nothing",
        "",
        "measures: {$ref: '#/components/schemas/Measures'}",
        "measures: {type: object, properties: {pages: {type: integer}, weight: {type: number}}}",
        corrected="the wire is as before; that the generated class has another name is a limit",
        first="breaks",
    ),
    Unseen("maximum of what is sent and received grows", "breaks", "Loan.days", "maximum: 30", "maximum: 60"),
    Unseen(
        "answer of success is another",
        "breaks",
        "DELETE /books/{isbn}",
        "'204': {description: Gone}",
        "'202': {description: Gone}",
    ),
    Unseen(
        "error is new",
        "adds",
        "GET /books",
        "        '400': {description: Wrong}\n",
        "        '400': {description: Wrong}\n        '429': {description: Slower}\n",
    ),
    Unseen("token becomes optional", "adds", "", "security: [{token: []}]", "security: [{token: []}, {}]"),
    Unseen("descriptions are other ones", "told", "GET /books", "description: Books", "description: All books"),
)
