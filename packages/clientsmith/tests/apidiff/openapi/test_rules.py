"""The registry of rules, and oasdiff's as the list of what has to be covered."""

from __future__ import annotations

from clientsmith.apidiff.difference import Kind
from clientsmith.apidiff.openapi import RULES

# oasdiff's ids that are ours, too: what they say of a change, we say of it.
_SAME_IDS = """
api-deprecated-sunset-parse api-removed-before-sunset api-removed-with-deprecation api-removed-without-deprecation
api-stability-decreased api-stability-increased api-sunset-date-changed-too-small api-sunset-date-too-small
api-tag-added api-tag-removed endpoint-added endpoint-deprecated endpoint-deprecated-with-sunset endpoint-reactivated
sunset-deleted

new-optional-request-parameter new-optional-request-property new-request-path-parameter new-required-request-parameter
new-required-request-property

request-body-added-optional request-body-added-required request-body-became-enum request-body-became-not-enum
request-body-became-not-nullable request-body-became-nullable request-body-became-optional
request-body-became-required request-body-default-value-added request-body-default-value-changed
request-body-default-value-removed request-body-discriminator-added request-body-discriminator-mapping-added
request-body-discriminator-mapping-changed request-body-discriminator-mapping-deleted
request-body-discriminator-property-name-changed request-body-discriminator-removed request-body-enum-value-added
request-body-enum-value-removed request-body-max-decreased request-body-max-increased
request-body-max-length-decreased request-body-max-length-increased request-body-max-length-set request-body-max-set
request-body-media-type-added request-body-media-type-removed request-body-min-decreased request-body-min-increased
request-body-min-items-increased request-body-min-items-set request-body-min-length-decreased
request-body-min-length-increased request-body-min-set request-body-one-of-added request-body-one-of-removed
request-body-any-of-added request-body-any-of-removed request-body-removed request-body-type-changed
request-body-type-generalized

request-parameter-became-enum request-parameter-became-not-enum request-parameter-became-not-nullable
request-parameter-became-nullable request-parameter-became-optional request-parameter-became-required
request-parameter-default-value-added request-parameter-default-value-changed request-parameter-default-value-removed
request-parameter-deprecated request-parameter-enum-value-added request-parameter-enum-value-removed
request-parameter-max-decreased request-parameter-max-increased request-parameter-max-items-decreased
request-parameter-max-items-increased request-parameter-max-length-decreased request-parameter-max-length-increased
request-parameter-max-length-set request-parameter-max-set request-parameter-min-decreased
request-parameter-min-increased request-parameter-min-items-decreased request-parameter-min-items-increased
request-parameter-min-items-set request-parameter-min-length-decreased request-parameter-min-length-increased
request-parameter-min-set request-parameter-pattern-added request-parameter-pattern-changed
request-parameter-pattern-generalized request-parameter-pattern-removed request-parameter-reactivated
request-parameter-removed request-parameter-removed-before-sunset request-parameter-removed-with-deprecation
request-parameter-sunset-date-changed-too-small request-parameter-sunset-date-too-small
request-parameter-sunset-deleted request-parameter-sunset-parse request-parameter-type-changed
request-parameter-type-generalized

request-property-any-of-added request-property-any-of-removed request-property-became-enum
request-property-became-not-nullable request-property-became-nullable request-property-became-optional
request-property-became-required request-property-default-value-added request-property-default-value-changed
request-property-default-value-removed request-property-deprecated request-property-discriminator-added
request-property-discriminator-mapping-added request-property-discriminator-mapping-changed
request-property-discriminator-mapping-deleted request-property-discriminator-property-name-changed
request-property-discriminator-removed request-property-enum-value-added request-property-enum-value-removed
request-property-max-decreased request-property-max-increased request-property-max-length-decreased
request-property-max-length-increased request-property-max-length-set request-property-max-set
request-property-min-decreased request-property-min-increased request-property-min-items-increased
request-property-min-items-set request-property-min-length-decreased request-property-min-length-increased
request-property-min-set request-property-one-of-added request-property-one-of-removed request-property-pattern-added
request-property-pattern-changed request-property-pattern-generalized request-property-pattern-removed
request-property-reactivated request-property-removed request-property-type-changed
request-property-type-generalized

response-body-any-of-added response-body-any-of-removed response-body-became-nullable
response-body-default-value-added response-body-default-value-changed response-body-default-value-removed
response-body-discriminator-added response-body-discriminator-removed response-body-max-increased
response-body-max-length-increased response-body-min-decreased response-body-min-items-decreased
response-body-min-length-decreased response-body-one-of-added response-body-one-of-removed
response-body-type-changed response-media-type-added response-media-type-removed response-non-success-status-added
response-non-success-status-removed response-success-status-added response-success-status-removed
response-header-became-optional optional-response-header-removed required-response-header-removed
response-optional-property-added response-optional-property-removed response-property-any-of-added
response-property-any-of-removed response-property-became-nullable response-property-became-optional
response-property-became-required response-property-default-value-added response-property-default-value-changed
response-property-default-value-removed response-property-deprecated response-property-enum-value-added
response-property-enum-value-removed response-property-max-increased response-property-max-length-increased
response-property-min-decreased response-property-min-items-decreased response-property-min-length-decreased
response-property-one-of-added response-property-one-of-removed response-property-pattern-added
response-property-pattern-changed response-property-pattern-removed response-property-reactivated
response-property-type-changed response-required-property-added response-required-property-removed
api-security-added api-security-removed api-security-scope-added api-security-scope-removed
api-security-component-added api-security-component-removed api-security-component-oauth-scope-added
api-security-component-oauth-scope-removed
"""
SAME = _SAME_IDS.split()

# oasdiff's ids of other words, or of more of them than we need: the rule of ours that tells the same change.
OTHERWISE = {
    "api-path-removed-without-deprecation": "api-removed-without-deprecation",  # one operation after the other
    "api-path-removed-with-deprecation": "api-removed-with-deprecation",
    "api-path-removed-before-sunset": "api-removed-before-sunset",
    "api-path-sunset-parse": "api-deprecated-sunset-parse",
    "api-deprecated-sunset-missing": "endpoint-deprecated",  # the one without a date
    "api-operation-id-removed": "api-operation-id-changed",
    "api-operation-id-added": "api-operation-id-changed",
    "api-global-security-added": "api-security-added",  # the subject is the API
    "api-global-security-removed": "api-security-removed",
    "api-global-security-scope-added": "api-security-scope-added",
    "api-global-security-scope-removed": "api-security-scope-removed",
    "api-security-component-type-changed": "api-security-component-changed",
    "api-security-component-oauth-token-url-changed": "api-security-component-oauth-url-changed",
    "new-required-request-property-with-default": "new-required-request-property",
    "new-required-request-header-property": "new-required-request-property",
    "new-required-request-default-parameter-to-existing-path": "new-required-request-parameter",
    "new-optional-request-default-parameter-to-existing-path": "new-optional-request-parameter",
    "request-property-became-required-with-default": "request-property-became-required",
    "request-header-property-became-required": "request-property-became-required",
    "request-header-property-became-enum": "request-property-became-enum",
    "request-parameter-property-became-nullable": "request-property-became-nullable",
    "request-parameter-property-became-not-nullable": "request-property-became-not-nullable",
    "request-parameter-property-enum-value-added": "request-property-enum-value-added",
    "request-parameter-property-enum-value-removed": "request-property-enum-value-removed",
    "request-parameter-property-type-changed": "request-property-type-changed",
    "request-parameter-property-type-generalized": "request-property-type-generalized",
    "request-parameter-property-type-specialized": "request-property-type-specialized",
    "request-parameter-deprecated-sunset-missing": "request-parameter-deprecated",
    "request-parameter-x-extensible-enum-value-removed": "request-parameter-extensible-enum-value-removed",
    "request-property-x-extensible-enum-value-removed": "request-property-extensible-enum-value-removed",
    "request-body-const-changed": "request-body-const-changed",
    "request-property-const-added": "request-property-became-enum",  # an enum of one value
    "request-property-const-removed": "request-property-became-not-enum",
    "request-parameter-exclusive-max-decreased": "request-parameter-max-decreased",  # of one bound
    "request-parameter-exclusive-min-increased": "request-parameter-min-increased",
    "request-property-exclusive-max-set": "request-property-max-set",
    "request-body-all-of-added": "request-body-constraint-added",  # or what the merged schema says: allOf is no change
    "request-optional-property-became-read-only": "request-property-became-read-only",
    "request-required-property-became-read-only": "request-property-became-read-only",
    "response-optional-property-became-write-only": "response-property-became-write-only",
    "response-required-property-became-not-write-only": "response-property-became-not-write-only",
    "request-body-media-type-schema-added": "request-body-type-specialized",
    "response-media-type-schema-removed": "response-body-type-generalized",
    "response-mediatype-enum-value-removed": "response-body-enum-value-removed",
}
# What is left out on purpose.
LEFT_OUT = {
    "api-schema-removed": "what no operation uses, no client sees; what is used shows where it is used",
    "api-version-not-bumped": "the verdict of `diff` is this: the version that the differences demand",
    "api-version-decreased": "as above",
    "api-major-version-not-bumped": "as above",
    "api-invalid-stability-level": "an unknown word is no lower level",
    "request-property-stability-decreased": "an extension that only operations have here",
    "response-property-stability-decreased": "as above",
    "request-read-only-property-max-decreased": "nobody sends it: no change of what is sent",
    "request-read-only-property-enum-value-removed": "as above",
    "request-optional-property-became-write-only": "it is sent as before; what is received has its own rule",
}


def test_what_oasdiff_has_is_covered_by_the_same_name_or_by_another_one() -> None:
    assert not set(SAME) - RULES.keys()
    assert not set(OTHERWISE.values()) - RULES.keys()
    assert len(SAME) + len(OTHERWISE) + len(LEFT_OUT) > 200
    assert len(SAME) == len(set(SAME))


def test_a_rule_says_what_it_means_and_what_breaks_what_to_do() -> None:
    for id_, rule in RULES.items():
        assert rule.id == id_
        assert rule.meaning.endswith("."), id_
        assert rule.example[0] != rule.example[1], id_
        assert rule.advice or rule.kind is not Kind.BREAKING, id_
