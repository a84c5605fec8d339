"""Bodies that are objects: models of every kind, hierarchies, unions by discriminator, members that nothing names."""

from __future__ import annotations

import datetime
from datetime import UTC, timedelta
from typing import Any

from clientsmith.core.errors import HttpResponseError

from ..case import Area, check, make

complex_ = Area("body-complex")
complex_.call("getComplexBasicValid", "basic_getValid", gives={"id": 2, "name": "abc", "color": "YELLOW"})
complex_.call(
    "putComplexBasicValid", "basic_putValid", make(lambda models: models.Basic(id=2, name="abc", color="Magenta"))
)
complex_.call("getComplexBasicEmpty", "basic_getEmpty", gives={})
complex_.call("getComplexBasicNotProvided", "basic_getNotProvided", gives=None)
complex_.call(
    "getComplexBasicNull", "basic_getNull", gives=lambda it: it.id is None and it.name is None and it.color is None
)
# A number that is none is given as it came; what does not fit is for `strict` to report.
complex_.call("getComplexBasicInvalid", "basic_getInvalid", gives=lambda it: it["id"] == "a" and it.name == "abc")

A_DAY = datetime.datetime(2015, 5, 18, 18, 38, tzinfo=UTC)
YEAR_ONE = datetime.datetime(1, 1, 1, tzinfo=UTC)
DOUBLE = "field56_zeros_after_the_dot_and_negative_zero_before_dot_and_this_is_a_long_field_name_on_purpose"
DURATION = timedelta(days=123, hours=22, minutes=14, seconds=12.011)
OCTETS = bytes([255, 254, 253, 252, 0, 250, 249, 248, 247, 246])
PRIMITIVES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Integer": ("Int", "IntWrapper", {"field1": -1, "field2": 2}),
    "Long": ("Long", "LongWrapper", {"field1": 1099511627775, "field2": -999511627788}),
    "Float": ("Float", "FloatWrapper", {"field1": 1.05, "field2": -0.003}),
    "Bool": ("Bool", "BooleanWrapper", {"field_true": True, "field_false": False}),
    "Date": ("Date", "DateWrapper", {"field": datetime.date(1, 1, 1), "leap": datetime.date(2016, 2, 29)}),
    "DateTime": ("DateTime", "DatetimeWrapper", {"field": YEAR_ONE, "now": A_DAY}),
    "DateTimeRfc1123": (
        "DateTimeRfc1123", "Datetimerfc1123Wrapper", {"field": YEAR_ONE, "now": A_DAY - timedelta(hours=7)},
    ),
    "Duration": ("Duration", "DurationWrapper", {"field": DURATION}),
    "Byte": ("Byte", "ByteWrapper", {"field": OCTETS}),
}  # fmt: skip


def has(fields: dict[str, Any]) -> Any:
    return lambda model: {name: getattr(model, name) for name in fields} == fields


def made(name: str, fields: dict[str, Any]) -> make:
    """The model of this name, whatever the client writes its letters like."""
    return make(
        lambda models: next(getattr(models, one) for one in dir(models) if one.lower() == name.lower())(**fields)
    )


for scenario, (operation, model, fields) in PRIMITIVES.items():
    complex_.call(f"getComplexPrimitive{scenario}", f"primitive_get{operation}", gives=has(fields))
    complex_.call(f"putComplexPrimitive{scenario}", f"primitive_put{operation}", made(model, fields))
complex_.call("getComplexPrimitiveDouble", "primitive_getDouble", gives=lambda it: it.field1 == 3e-100)
complex_.call(
    "getComplexPrimitiveString",
    "primitive_getString",
    gives=lambda it: (it.field, it.empty, it.null) == ("goodrequest", "", None),
)
complex_.call(
    "putComplexPrimitiveString", "primitive_putString", made("StringWrapper", {"field": "goodrequest", "empty": ""})
)


@complex_.script("putComplexPrimitiveDouble")
async def a_long_name(client: Any, _server: Any) -> None:
    await client.call("primitive_putDouble", await client.call("primitive_getDouble"))


LINES = ["1, 2, 3, 4", "", None, "&S#$(*Y", "The quick brown fox jumps over the lazy dog"]
PROGRAMS = {"txt": "notepad", "bmp": "mspaint", "xls": "excel", "exe": "", "": None}
complex_.call("getComplexArrayValid", "array_getValid", gives={"array": LINES})
complex_.call("putComplexArrayValid", "array_putValid", made("ArrayWrapper", {"array": LINES}))
complex_.call("getComplexArrayEmpty", "array_getEmpty", gives={"array": []})
complex_.call("putComplexArrayEmpty", "array_putEmpty", made("ArrayWrapper", {"array": []}))
complex_.call("getComplexArrayNotProvided", "array_getNotProvided", gives={})
complex_.call("getComplexDictionaryValid", "dictionary_getValid", gives={"defaultProgram": PROGRAMS})
complex_.call(
    "putComplexDictionaryValid", "dictionary_putValid", made("DictionaryWrapper", {"default_program": PROGRAMS})
)
complex_.call("getComplexDictionaryEmpty", "dictionary_getEmpty", gives={"defaultProgram": {}})
complex_.call("putComplexDictionaryEmpty", "dictionary_putEmpty", made("DictionaryWrapper", {"default_program": {}}))
complex_.call("getComplexDictionaryNull", "dictionary_getNull", gives=lambda it: it.default_program is None)
complex_.call("getComplexDictionaryNotProvided", "dictionary_getNotProvided", gives={})
complex_.call(
    "getComplexInheritanceValid",
    "inheritance_getValid",
    gives=lambda it: it.hates[1].name == "Tomato" and it.breed == "persian",
)
complex_.call(
    "putComplexInheritanceValid",
    "inheritance_putValid",
    make(
        lambda models: models.Siamese(
            id=2, name="Siameeee", color="green", breed="persian",
            hates=[models.Dog(id=1, name="Potato", food="tomato"), models.Dog(id=-1, name="Tomato", food="french fries")],
        )
    ),
)  # fmt: skip
complex_.call("getComplexReadOnlyPropertyValid", "readonlyproperty_getValid", gives={"id": "1234", "size": 2})
complex_.call(
    "putComplexReadOnlyPropertyValid",
    "readonlyproperty_putValid",
    make(lambda models: models.ReadonlyObj.from_dict({"id": "1234", "size": 2})),
)

# --- which of several, by a property that says so --------------------------------------------------------------------


def fishes(models: Any) -> list[Any]:
    """The siblings of the salmon: subtypes of subtypes, one of them with a colour that the document does not know."""
    when = {2012: datetime.datetime(2012, 1, 5, 1, tzinfo=UTC), 1900: datetime.datetime(1900, 1, 5, 1, tzinfo=UTC)}
    return [
        models.Shark(length=20.0, species="predator", age=6, birthday=when[2012]),
        models.Sawshark(
            length=10.0, species="dangerous", age=105, birthday=when[1900], picture=bytes([255, 255, 255, 255, 254])
        ),
        models.Goblinshark(
            length=30.0, species="scary", age=1, birthday=datetime.datetime(2015, 8, 8, tzinfo=UTC), jawsize=5,
            color="pinkish-gray",
        ),
    ]  # fmt: skip


def salmon(models: Any) -> Any:
    return models.Salmon(length=1.0, species="king", location="alaska", iswild=True, siblings=fishes(models))


def smart_salmon(models: Any) -> Any:
    smart = models.SmartSalmon(length=1.0, species="king", location="alaska", iswild=True, siblings=fishes(models))
    more = {1: 1, 2: False, 3: "hello", 4: {"a": 1, "b": 2}, 5: [1, 3]}
    for number, value in more.items():
        smart[f"additionalProperty{number}"] = value
    return smart


def are_fish(fish: Any) -> bool:
    return [type(one).__name__.lower() for one in (fish, *fish.siblings)][1:] == ["shark", "sawshark", "goblinshark"]


complex_.call("getComplexPolymorphismValid", "polymorphism_getValid", gives=are_fish)
complex_.call("putComplexPolymorphismValid", "polymorphism_putValid", make(salmon))
complex_.call(
    "getComplexPolymorphismComplicated",
    "polymorphism_getComplicated",
    gives=lambda it: are_fish(it) and it["additionalProperty3"] == "hello",
)
complex_.call("putComplexPolymorphismComplicated", "polymorphism_putComplicated", make(smart_salmon))
complex_.call(
    "putComplexPolymorphismNoDiscriminator",
    "polymorphism_putMissingDiscriminator",
    make(salmon),
    gives=lambda it: it.location == "alaska",
)
complex_.call(
    "getComplexPolymorphismDotSyntax",
    "polymorphism_getDotSyntax",
    gives=lambda it: type(it).__name__ == "DotSalmon" and it.location == "sweden",
)
complex_.call(
    "getComposedWithDiscriminator",
    "polymorphism_getComposedWithDiscriminator",
    gives=lambda it: it.sample_salmon.location == "sweden" and it.fishes[1].iswild,
)
complex_.call(
    "getComposedWithoutDiscriminator",
    "polymorphism_getComposedWithoutDiscriminator",
    gives=lambda it: it.sample_salmon.location == "sweden" and it.fishes[0]["location"] == "australia",
)


@complex_.script("putComplexPolymorphicRecursiveValid", "getComplexPolymorphicRecursiveValid")
async def fish_in_fish(client: Any, _server: Any) -> None:
    """A fish whose siblings have siblings comes, is read to the last, and goes back as it came."""
    fish = await client.call("polymorphicrecursive_getValid")
    check([type(one).__name__.lower() for one in fish.siblings[0].siblings[0].siblings], ["shark", "sawshark"])
    await client.call("polymorphicrecursive_putValid", fish)


# --- members that nothing names --------------------------------------------------------------------------------------

BIRTH = datetime.datetime(2017, 12, 13, 2, 29, 51, tzinfo=UTC)
extra = Area("additionalProperties")


def with_members(model: str, fields: dict[str, Any], members: dict[str, Any]) -> make:
    def build(models: Any) -> Any:
        made = next(getattr(models, one) for one in dir(models) if one.lower() == model.lower())(**fields)
        for name, value in members.items():
            made[name] = value
        return made

    return make(build)


CHIP = {"birthdate": "2017-12-13T02:29:51Z", "complexProperty": {"color": "Red"}}
extra.call(
    "additionalPropertiesTrue",
    "Pets_CreateAPTrue",
    with_members("PetAPTrue", {"id": 1, "name": "Puppy"}, CHIP),
    gives=lambda it: it.status is True and it["birthdate"],
)
extra.call(
    "additionalPropertiesSubclass",
    "Pets_CreateCatAPTrue",
    with_members("CatAPTrue", {"id": 1, "name": "Lisa", "friendly": True}, CHIP),
    gives=lambda it: it.friendly is True,
)
extra.call(
    "additionalPropertiesTypeObject",
    "Pets_CreateAPObject",
    {"id": 2, "name": "Hira", "siblings": [{"id": 1, "name": "Puppy", **CHIP}], "picture": "//////4="},
    gives=lambda it: it["siblings"][0]["complexProperty"] == {"color": "Red"},
)
extra.call(
    "additionalPropertiesTypeString",
    "Pets_CreateAPString",
    with_members("PetAPString", {"id": 3, "name": "Tommy"}, {"color": "red", "weight": "10 kg", "city": "Bombay"}),
    gives=lambda it: it["city"] == "Bombay",
)
SIZES = {"height": 5.61, "weight": 599, "footsize": 11.5}
extra.call(
    "additionalPropertiesInProperties",
    "Pets_CreateAPInProperties",
    {"id": 4, "name": "Bunny", "additionalProperties": SIZES},
    gives=lambda it: it["additionalProperties"] == SIZES,
)
extra.call(
    "additionalPropertiesInPropertiesWithAPTypeString",
    "Pets_CreateAPInPropertiesWithAPString",
    {
        "id": 5,
        "name": "Funny",
        "@odata.location": "westus",
        "additionalProperties": SIZES,
        "color": "red",
        "city": "Seattle",
        "food": "tikka masala",
    },
    gives=lambda it: (
        it["@odata.location"] == "westus" and it["additionalProperties"] == SIZES and it["food"] == "tikka masala"
    ),
)

pets = Area("multiple-inheritance")
for name, comes, goes in (
    ("Pet", {"name": "Peanut"}, {"name": "Butter"}),
    ("Horse", {"name": "Fred", "isAShowHorse": True}, {"name": "General", "isAShowHorse": False}),
    ("Feline", {"meows": True, "hisses": True}, {"meows": False, "hisses": True}),
    (
        "Cat",
        {"name": "Whiskers", "likesMilk": True, "meows": True, "hisses": True},
        {"name": "Boots", "likesMilk": False, "meows": True, "hisses": False},
    ),
    (
        "Kitten",
        {"name": "Gatito", "likesMilk": True, "meows": True, "hisses": True, "eatsMiceYet": False},
        {"name": "Kitty", "likesMilk": False, "meows": True, "hisses": False, "eatsMiceYet": True},
    ),
):
    pets.call(f"MultipleInheritance{name}Get", f"get{name}", gives=comes)
    pets.call(f"MultipleInheritance{name}Put", f"put{name}", goes, gives=f"{name} was correct!")

# --- models that other generators flatten: what travels is what counts -----------------------------------------------

flat = Area("model-flattening")


@flat.script("getModelFlattenArray")
async def resources(client: Any, _server: Any) -> None:
    found = await client.call("getArray")
    check([one.id for one in found], ["1", "2", "3"])
    check((found[0].properties.provisioning_state, found[0].tags), ("Succeeded", {"tag1": "value1", "tag2": "value3"}))


TAGS = {"tag1": "value1", "tag2": "value3"}


def product(location: str, name: str, tags: dict[str, str] | None = None) -> dict[str, Any]:
    inner = {"p.name": name, "type": "Flat"}
    return {"location": location, "properties": inner} | ({"tags": tags} if tags else {})


BOTH = {"Resource1": product("West US", "Product1", TAGS), "Resource2": product("Building 44", "Product2")}
flat.call("putModelFlattenArray", "putArray", [{"location": "West US", "tags": TAGS}, {"location": "Building 44"}])
flat.call(
    "getModelFlattenDictionary",
    "getDictionary",
    gives=lambda found: found["Product1"].properties.provisioning_state == "Succeeded",
)
flat.call("putModelFlattenDictionary", "putDictionary", BOTH)
flat.call(
    "getModelFlattenResourceCollection",
    "getResourceCollection",
    gives=lambda it: it.arrayofresources[0].id == "4" and it.productresource.id == "7",
)
flat.call(
    "putModelFlattenResourceCollection",
    "putResourceCollection",
    {
        "arrayofresources": [product("West US", "Product1", TAGS), product("East US", "Product2")],
        "dictionaryofresources": BOTH,
        "productresource": product("India", "Azure"),
    },
)
SIMPLE = {
    "base_product_id": "123",
    "base_product_description": "product description",
    "details": {
        "max_product_display_name": "max name",
        "max_product_capacity": "Large",
        "max_product_image": {"@odata.value": "http://foo"},
    },
}
GENERIC = {
    **SIMPLE,
    "details": {
        **SIMPLE["details"],
        "max_product_image": {"@odata.value": "http://foo", "generic_value": "https://generic"},
    },
}  # type: ignore[dict-item]
flat.call("putModelFlattenCustomBase", "putSimpleProduct", GENERIC, gives=GENERIC)
flat.call("postModelFlattenCustomParameter", "postFlattenedSimpleProduct", SIMPLE, gives=SIMPLE)
flat.call("putModelFlattenCustomGroupedParameter", "putSimpleProductWithGrouping", "groupproduct", SIMPLE, gives=SIMPLE)

anything = Area("any-type")
anything.call("GetStringAsAnything", "getString", gives="anything")
anything.call("PutStringAsAnything", "putString", "anything")
anything.call("GetObjectAsAnything", "getObject", gives={"message": "An object was successfully returned"})
anything.call("PutObjectAsAnything", "putObject", {"foo": "bar"})
anything.call("GetArrayAsAnything", "getArray", gives=["foo", "bar"])
anything.call("PutArrayAsAnything", "putArray", ["foo", "bar"])

objects = Area("object-type")
objects.call("ObjectTypeResponse", "get", gives={"message": "An object was successfully returned"})
objects.call("ObjectTypePut", "put", {"foo": "bar"})
objects.call("ObjectTypeErrorResponse", "put", {"foo": "foo"}, raises=HttpResponseError)

numbers = Area("non-string-enum")
numbers.call("NonStringEnumsGetInt", "Int_get", gives=429)
numbers.call("NonStringEnumsPostInt", "Int_put", 200, gives="Nice job posting an int enum")
numbers.call("NonStringEnumsGetFloat", "Float_Get", gives=429.1)
numbers.call("NonStringEnumsPostFloat", "Float_put", 200.4, gives="Nice job posting a float enum")

enums = Area("extensible-enums-swagger")
enums.call(
    "expectedEnum", "Pet_GetByPetId", "tommy", gives=lambda pet: (pet.days_of_week, pet.int_enum) == ("Monday", "1")
)
enums.call("unexpectedEnum", "Pet_GetByPetId", "casper", gives=lambda pet: pet.days_of_week == "Weekend")
enums.call(
    "allowedValueEnum",
    "Pet_GetByPetId",
    "scooby",
    gives=lambda pet: (pet.days_of_week, pet.int_enum) == ("Thursday", "2.1"),
)
enums.call(
    "roundTripEnum",
    "Pet_AddPet",
    {"name": "Retriever", "IntEnum": "3", "DaysOfWeek": "Friday"},
    gives=lambda pet: pet.int_enum == "3",
)

AREAS = (complex_, extra, pets, flat, anything, objects, numbers, enums)
