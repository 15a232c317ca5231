"""`/schema`: the OpenAPI 3.1 document and a page to browse it, served from here, without any outside address."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from swagger_ui_bundle import swagger_ui_path

from shared.http.identity import PUBLIC
from shared.http.problems import MEDIA_TYPE, Problem, ProblemDocument, not_found

#: Value of a route's `body` that takes files; otherwise `body` is the struct of its JSON.
MULTIPART: Final = "multipart"
#: Beside it a route may say its `problems` (statuses of its own), the headers that it `takes` and `gives` (with words
#: for each), and the `content` of its good answer where that is not JSON alone: by media type a struct, None for bytes.

_REFERENCE: Final = "#/components/schemas/{name}"
_POLICY: Final = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
_PAGE: Final = b"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Interface de CeCoIA</title>
<link rel="icon" href="/schema/files/favicon-32x32.png">
<link rel="stylesheet" href="/schema/files/swagger-ui.css">
</head>
<body>
<main id="swagger-ui"></main>
<script src="/schema/files/swagger-ui-bundle.js"></script>
<script src="/schema/files/start.js"></script>
</body>
</html>
"""
_START: Final = b"""SwaggerUIBundle({
  url: '/schema/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null,
});
"""
_FILES: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}


@get("/files/{name:str}")
async def _file(name: FromPath[str]) -> Response[bytes]:
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _FILES:
        raise not_found()
    return Response((swagger_ui_path / name).read_bytes(), media_type=_FILES[name])


class _Page(OpenAPIRenderPlugin):
    """The page itself."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        del request, openapi_schema
        return _PAGE


class _Json(JsonRenderPlugin):
    """The document, completed by what routes say in their options."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, _completed(openapi_schema, request))


def openapi_config(title: str, version: str, description: str) -> OpenAPIConfig:
    """Configuration of `/schema` for one service."""
    router = Router(
        "/schema",
        route_handlers=[_file],
        include_in_schema=False,
        opt={"access": PUBLIC},
        response_headers={"Content-Security-Policy": _POLICY},
    )
    return OpenAPIConfig(
        title=title,
        version=version,
        description=description,
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
        ),
        openapi_router=router,
        render_plugins=[_Page(path="/", media_type=MediaType.HTML), _Json(path="/openapi.json")],
        use_handler_docstrings=True,
    )


def _completed(document: dict[str, Any], request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Add to each operation its body, its security, and every answer that it may give."""
    schemas = document["components"].setdefault("schemas", {})
    for route in request.app.routes:
        operations = document["paths"].get(route.path_format, {})
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods:
                if operation := operations.get(method.lower()):
                    _complete(operation, handler.opt, schemas)
    return document


def _complete(operation: dict[str, Any], opt: dict[str, Any], schemas: dict[str, Any]) -> None:
    operation["security"] = [] if opt.get("access") == PUBLIC else [{"bearer": []}]
    if (body := opt.get("body")) == MULTIPART:
        operation["requestBody"] = _body("multipart/form-data", _MULTIPART)
    elif body is not None:
        operation["requestBody"] = _body("application/json", _schema(body, schemas))
    if takes := opt.get("takes", {}):
        others = [parameter for parameter in operation.get("parameters", ()) if parameter["name"] not in takes]
        headers = ({"name": name, "in": "header", **_header(words)} for name, words in takes.items())
        operation["parameters"] = [*others, *headers]
    answers = operation["responses"]
    if gives := opt.get("gives"):
        answers["201"]["headers"] = {name: _header(words) for name, words in gives.items()}
    if content := opt.get("content"):
        answers["200"]["content"] = {name: _content(struct, schemas) for name, struct in content.items()}
    answers.pop("400", None)
    problem = {MEDIA_TYPE: _content(ProblemDocument, schemas)}
    for status in sorted(_problems(operation, opt)):
        answers.setdefault(str(status), {"description": Problem(status).title, "content": problem})


def _problems(operation: dict[str, Any], opt: dict[str, Any]) -> set[int]:
    """Statuses of the problems that an operation may answer with: by what it takes, and what it says itself."""
    access, parameters = opt.get("access"), operation.get("parameters", ())
    found = {*_ANYWHERE, *opt.get("problems", ())}
    if access != PUBLIC:
        found.add(401)
    if isinstance(access, frozenset):
        found.add(403)
    if any(parameter["in"] == "path" for parameter in parameters):
        found.add(404)
    if parameters:
        found.add(422)
    return found | _WITH_BODY if "body" in opt else found


def _header(words: str) -> dict[str, Any]:
    return {"description": words, "required": False, "schema": {"type": "string"}}


#: Any request may be encoded in a way that we do not read, have too many headers, or come while something is away.
_ANYWHERE: Final = frozenset({415, 431, 500, 503})
#: A body may be cut, come too slowly, be too large, or say what does not fit.
_WITH_BODY: Final = frozenset({400, 408, 413, 422})


def _content(struct: type | None, schemas: dict[str, Any]) -> dict[str, Any]:
    """Content of an answer; None is bytes."""
    return {"schema": {"type": "string", "format": "binary"} if struct is None else _schema(struct, schemas)}


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema}}}


_MULTIPART: Final = {
    "type": "object",
    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}},
    "required": ["file"],
}


def _schema(struct: type, schemas: dict[str, Any]) -> dict[str, Any]:
    (reference,), components = msgspec.json.schema_components([struct], ref_template=_REFERENCE)
    schemas.update(components)
    return reference
