"""APIs as the front half of the generator hands them over, written by hand, and what it takes to use a package."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.emit.package import write_package
from clientsmith.model.ir import (
    Api,
    ApiVersionIn,
    Array,
    Binary,
    Body,
    BodyField,
    Enum,
    EnumMember,
    Group,
    Literal,
    Location,
    LongRunning,
    Map,
    Model,
    Nullable,
    Operation,
    Paging,
    PagingScheme,
    Parameter,
    Property,
    Ref,
    Requirement,
    Response,
    Scalar,
    ScalarKind,
    SecurityScheme,
    Shape,
    Union,
    VersionScheme,
)
from clientsmith.model.pipeline import build_api


class Calls:
    """A client of either colour over a scripted transport: calls its methods by name, and shows what was sent."""

    client: Any
    transport: Any

    async def call(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        """Call a method and wait for what it returns, if it makes us wait."""
        result = getattr(self.client, method)(*arguments, **keywords)
        return await result if inspect.isawaitable(result) else result

    @property
    def request(self) -> Any:
        return self.transport.requests[-1]


STRING = Scalar(ScalarKind.STRING)
INTEGER = Scalar(ScalarKind.INTEGER)
DATETIME = Scalar(ScalarKind.DATETIME, "date-time")
UUID = Scalar(ScalarKind.UUID, "uuid")
JSON = "application/json"


def schema(name: str) -> str:
    return f"#/components/schemas/{name}"


def ref(name: str) -> Ref:
    return Ref(schema(name))


def path(name: str, shape: Shape = STRING, description: str = "") -> Parameter:
    return Parameter(
        name, Location.PATH, shape, required=True, style="simple", explode=False, description=description, name=name
    )


def query(wire_name: str, shape: Shape = STRING, name: str = "", **rest: object) -> Parameter:
    parameter = Parameter(wire_name, Location.QUERY, shape, name=name or wire_name)
    return replace(parameter, **rest)  # type: ignore[arg-type]  # a test's short form


_ERROR = Response("default", "unexpected error", JSON, ref("Error"))


def petstore_api() -> Api:
    """The petstore of the OpenAPI initiative, as `specs/oai-petstore.json` describes it."""
    pet = Model(
        schema("Pet"),
        "Pet",
        (
            Property("id", Scalar(ScalarKind.INTEGER, "int64"), required=True, name="id"),
            Property("name", STRING, required=True, name="name"),
            Property("tag", STRING, name="tag"),
        ),
        name="Pet",
    )
    error = Model(
        schema("Error"),
        "Error",
        (
            Property("code", Scalar(ScalarKind.INTEGER, "int32"), required=True, name="code"),
            Property("message", STRING, required=True, name="message"),
        ),
        name="Error",
    )
    list_pets = Operation(
        "listPets",
        "get",
        "/pets",
        "#/paths/~1pets/get",
        name="list_pets",
        summary="List all pets",
        parameters=(query("limit", INTEGER, description="How many items to return at one time (max 100)"),),
        responses=(Response("200", "A paged array of pets", JSON, Array(ref("Pet"))),),
        errors=(_ERROR,),
        paging=Paging(PagingScheme.NEXT_LINK_HEADER, ref("Pet"), header="x-next"),
        returns=ref("Pet"),
    )
    create_pet = Operation(
        "createPets",
        "post",
        "/pets",
        "#/paths/~1pets/post",
        name="create_pet",
        summary="Create a pet",
        body=Body(JSON, ref("Pet"), name="pet"),
        responses=(Response("201", "Null response"),),
        errors=(_ERROR,),
    )
    get_pet = Operation(
        "showPetById",
        "get",
        "/pets/{petId}",
        "#/paths/~1pets~1{petId}/get",
        name="get_pet",
        summary="Info for a specific pet",
        parameters=(replace(path("petId", description="The id of the pet to retrieve"), name="pet_id"),),
        responses=(Response("200", "Expected response to a valid request", JSON, ref("Pet")),),
        errors=(_ERROR,),
        returns=ref("Pet"),
    )
    return Api(
        "Swagger Petstore",
        "1.0.0",
        Group("SwaggerPetstoreClient", (list_pets, create_pet, get_pet)),
        shapes={pet.pointer: pet, error.pointer: error},
        endpoint="http://petstore.swagger.io/v1",
        package="swagger_petstore",
        distribution="swagger-petstore-client",
    )


def workshop_api() -> Api:
    """Everything that the emitter can write, in one small service."""
    part = Model(
        schema("Part"),
        "Part",
        (
            Property("kind", STRING, required=True, name="kind"),
            Property("owner", ref("Owner"), name="owner"),
            Property("created", DATETIME, required=True, read_only=True, name="created"),
        ),
        "A part.\n\nOf something bigger.",
        tag="kind",
        name="Part",
    )
    bolt = Model(
        schema("Bolt"),
        "Bolt",
        (Property("length", Scalar(ScalarKind.NUMBER), required=True, name="length"),),
        base=ref("Part"),
        tag_value="bolt",
        name="Bolt",
    )
    nut = Model(schema("Nut"), "Nut", (), base=ref("Part"), tag_value="nut", name="Nut")
    owner = Model(
        schema("Owner"),
        "Owner",
        (
            Property("name", STRING, required=True, description="What people call her", name="name"),
            Property("state", ref("State"), default="new", has_default=True, name="state"),
            Property("parts", Array(ref("Part")), name="parts"),
            Property("labels", Map(DATETIME), name="labels"),
            Property("uuid", UUID, name="uuid"),
            Property("field", Nullable(STRING), name="field"),
            Property("str", STRING, deprecated=True, name="str"),
            Property("version", Literal("1"), required=True, name="version"),
            Property(
                "either",
                Union((ref("Bolt"), ref("Nut")), "kind", (("bolt", ref("Bolt")), ("nut", ref("Nut")))),
                name="either",
            ),
            Property("one", Union((STRING, INTEGER, UUID)), name="one"),
            Property("password", STRING, write_only=True, name="password"),
        ),
        name="Owner",
    )
    state = Enum(
        schema("State"),
        "State",
        ScalarKind.STRING,
        (EnumMember("new", "Just made", "NEW"), EnumMember("in use", "", "IN_USE")),
        "How far it is",
        name="State",
    )
    level = Enum(schema("Level"), "Level", ScalarKind.INTEGER, (EnumMember(1, "", "LOW"),), name="Level")
    job = Model(schema("Job"), "Job", (Property("id", STRING, required=True, name="id"),), name="Job")
    missing = Response("404", "There is no such part", JSON, ref("Problem"))
    problem = Model(schema("Problem"), "Problem", (Property("title", STRING, name="title"),), name="Problem")
    key = path("partId", UUID)
    key = replace(key, name="part_id")
    operations = (
        Operation(
            "",
            "get",
            "/owners/{owner}/parts/{partId}",
            "",
            name="get_part",
            summary="Get a part",
            parameters=(
                path("owner"),
                key,
                query("expand", Array(ref("Level")), explode=False),
                query("timeout", INTEGER, "timeout_parameter"),
            ),
            responses=(Response("200", "", JSON, ref("Part")),),
            errors=(missing, Response("401", "Who are you?"), Response("4XX", "Text", "text/plain", STRING)),
            returns=ref("Part"),
        ),
        Operation(
            "",
            "patch",
            "/owners/{name}",
            "",
            verb="update",
            name="update_owner",
            summary="Update an owner",
            parameters=(path("name"), Parameter("X-Rate", Location.HEADER, INTEGER, required=True, name="x_rate")),
            body=Body("application/merge-patch+json", ref("Owner"), name="owner"),
            body_fields=tuple(
                BodyField(item, f"owner_{item.name}" if item.name == "name" else item.name) for item in owner.properties
            ),
            responses=(Response("200", "", JSON, ref("Owner")), Response("204")),
            errors=(missing, Response("412", "Somebody was faster")),
            returns=Nullable(ref("Owner")),
        ),
        Operation(
            "",
            "delete",
            "/parts/{partId}",
            "",
            verb="delete",
            missing_is_success=True,
            name="delete_part",
            parameters=(key,),
            responses=(Response("204"),),
            errors=(missing,),
        ),
        Operation(
            "", "delete", "/jobs/{job}", "", name="cancel_job", parameters=(path("job"),), responses=(Response("204"),)
        ),
        Operation(
            "",
            "head",
            "/parts/{partId}",
            "",
            verb="exists",
            name="part_exists",
            parameters=(key,),
            responses=(Response("200"),),
            returns=Scalar(ScalarKind.BOOLEAN),
        ),
        Operation(
            "",
            "get",
            "/parts",
            "",
            name="list_parts",
            parameters=(query("since", DATETIME), query("state", ref("State"))),
            responses=(Response("200", "", JSON, ref("Part")),),
            paging=Paging(PagingScheme.TOKEN, ref("Part"), ("data", "items"), ("data", "next"), "cursor"),
            returns=ref("Part"),
        ),
        Operation(
            "",
            "post",
            "/send",
            "",
            name="begin_send",
            body=Body(JSON, ref("Job"), required=False, name="job"),
            responses=(Response("202", "", JSON, ref("Job")),),
            long_running=LongRunning(ref("Part"), ("status",), ("finished",), ("failed",), "/send/{id}", ("result",)),
            returns=ref("Part"),
        ),
        Operation(
            "",
            "get",
            "/parts/{partId}/drawing",
            "",
            name="get_drawing",
            parameters=(key,),
            responses=(Response("200", "The drawing", "image/png", Binary()),),
            returns=Binary(),
            deprecated=True,
        ),
        Operation(
            "",
            "post",
            "/parts/{partId}/drawing",
            "",
            name="upload_drawing",
            parameters=(key,),
            body=Body("image/png", Binary(), name="drawing"),
            responses=(Response("201", "", "text/plain", STRING),),
            returns=STRING,
        ),
        Operation(
            "",
            "get",
            "/levels",
            "",
            name="get_levels",
            responses=(Response("200", "", JSON, Map(ref("Level"))),),
            returns=Map(ref("Level")),
        ),
        Operation(
            "",
            "get",
            "/names",
            "",
            name="get_names",
            responses=(Response("200", "", JSON, Array(STRING)),),
            returns=Array(STRING),
        ),
        Operation(
            "",
            "post",
            "/forms",
            "",
            name="submit_form",
            body=Body("application/x-www-form-urlencoded", ref("Problem"), name="problem"),
            responses=(Response("204"),),
        ),
    )
    shapes = (part, bolt, nut, owner, state, level, job, problem)
    return Api(
        "Workshop",
        "2026-01-31",
        Group("WorkshopClient", operations),
        shapes={shape.pointer: shape for shape in shapes},
        description="A workshop.\n\nWith parts.",
        security_schemes=(
            SecurityScheme("key", "key", Location.HEADER, "X-Key"),
            SecurityScheme("basic", "basic"),
            SecurityScheme("oauth", "bearer", scopes=("parts.read",)),
        ),
        security=(Requirement(("key",)), Requirement(("basic",)), Requirement(("oauth",))),
        security_optional=False,
        api_version=ApiVersionIn(VersionScheme.DATE_QUERY, "api-version", "2026-01-31"),
        package="workshop",
        distribution="workshop-client",
    )


@pytest.fixture(scope="session")
def petstore() -> Api:
    return petstore_api()


@pytest.fixture(scope="session")
def workshop() -> Api:
    return workshop_api()


SPECS = Path(__file__).parents[1] / "specs"
DOCUMENTS = (
    "oai-petstore.json",
    "oai-petstore-expanded-v2.json",
    "redocly-museum.yaml",
    "oai-tictactoe.json",
    "naas-v2.json",
    "gallery.yaml",
    "forge.yaml",
)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The packages of the seven documents and of the workshop, by import name."""
    root = tmp_path_factory.mktemp("generated")
    apis = [build_api(str(SPECS / document))[0] for document in DOCUMENTS]
    # Two of the documents have the same title.
    apis[1] = replace(apis[1], package="expanded_petstore", distribution="expanded-petstore-client")
    for api in (*apis, workshop_api()):
        write_package(api, root / api.distribution, source=api.title)
    return {api.package: root / api.distribution for api in (*apis, workshop_api())}


@pytest.fixture
def import_from() -> Iterator[Callable[[Path, str], ModuleType]]:
    """Import a generated package from its folder; it is forgotten after the test, and one of the same name comes back."""
    path, modules = list(sys.path), dict(sys.modules)
    loaded: set[str] = set()

    def load(target: Path, name: str) -> ModuleType:
        root = name.partition(".")[0]
        if root not in loaded:
            sys.path.insert(0, str(target / "src"))
            forget(root)
            loaded.add(root)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def forget(root: str) -> None:
        for module in [module for module in sys.modules if module.partition(".")[0] == root]:
            del sys.modules[module]

    yield load
    sys.path[:] = path
    for root in loaded:
        forget(root)
    sys.modules.update((name, module) for name, module in modules.items() if name.partition(".")[0] in loaded)
