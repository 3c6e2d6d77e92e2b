"""The contract with Discord: says what is wrong with a request before Discord would.

Behaviour tests run the bot on a simulated Discord, which forgives more than the real one. `check` holds every
request the bot made there (``env.http_requests``) against two things:

- Discord's own OpenAPI document, where it lies beside the repository (``../shared/discord/openapi.json``);
- the rules below, for limits which that document does not hold or holds too loosely. They need no file. A new one
  is a function that takes a part of a request and yields complaints, added to the part's tuple in ``RULES``.

The numbers and their sources are in ``../shared/discord/LIMITS.md``. Characters are Unicode code points, as in the
document's ``maxLength``. Two limits cannot be seen here: the size of uploads (the simulation's log leaves files
out) and the time an answer takes.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import simcord

Json = dict[str, Any]
Rule = Callable[[Json], Iterator[str]]

OPENAPI = Path(__file__).resolve().parents[2] / "shared" / "discord" / "openapi.json"
SCHEMA_AVAILABLE = OPENAPI.is_file()
SCHEMA_MISSING = "Discord's OpenAPI document (../shared/discord/openapi.json) is not on this machine"

COMPONENTS_V2 = 1 << 15
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 2, 3, 4, 10, 18
V2_TYPES = (9, TEXT_DISPLAY, 11, 12, 13, 14, 17)
# What a person fills in or picks from: it needs a custom_id.
ANSWERING_TYPES = (STRING_SELECT, TEXT_INPUT, 5, 6, 7, 8, 19, 21, 22, 23)
LINK, PREMIUM = 5, 6  # the button styles that have no custom_id


def violations(method: str, path: str, body: object) -> list[str]:
    """Every way in which a request breaks Discord's document or a rule; empty where it is fine.

    ``path`` may carry ``/api/v10`` and a query or not; ``body`` is the JSON body (of a multipart request its
    ``payload_json``), None where there is none. A rule's complaint starts with the rule's name, one of the
    document with "schema".
    """
    segments = _segments(path)
    found = [f"unpaired_surrogates: {text!a}" for text in _strings(body) if _has_surrogate(text)]
    if SCHEMA_AVAILABLE and not found:  # the validator reads UTF-8, which cannot say these
        found += [f"schema: {complaint}" for complaint in _schema_violations(method, segments, body)]
    for kind, part in _parts(method, segments, body):
        found += [f"{rule.__name__}: {complaint}" for rule in RULES[kind] for complaint in rule(part)]
    return found


def response_violations(method: str, path: str, status: int, body: object) -> list[str]:
    """Every way in which a *response* is none that Discord's document says it gives; empty where it is fine.

    For a double of Discord, which is worth no more than what it answers. ``body`` is the JSON body, None where there
    is none. Errors of Discord's own servers (5xx) are not in the document, and pass.
    """
    if not SCHEMA_AVAILABLE or status >= 500:
        return []
    segments = _segments(path)
    template = _template(method, tuple(segments))
    if template is None:  # what Discord answers then, and it does, is an error
        return [] if status == 404 else [f"schema: Discord has no {method} /{'/'.join(segments)} to answer"]
    known, validator = _response_validator(method, template, status)
    if not known:
        return [f"schema: {method} {template} is not answered with {status}"]
    if validator is None:
        return [f"schema: {method} {template} is answered with {status} and no body"] if body is not None else []
    return [f"schema: {complaint}" for complaint in _complaints(validator, body)]


def object_violations(name: str, body: object) -> list[str]:
    """Every way in which ``body`` is not the object that Discord's document calls so; empty where it is fine.

    For what the gateway sends: the document describes the HTTP API alone, whose objects are the same.
    """
    return list(_complaints(_object_validator(name), body)) if SCHEMA_AVAILABLE else []


def check(env: simcord.Env) -> None:
    """Assert that no request of the bot so far breaks the contract; the failure names request and reason."""
    broken = [
        f"{request.method} {request.path}: {violation}"
        for request in env.http_requests
        for violation in _violations_said(request.method, request.path, json.dumps(request.json))
    ]
    assert not broken, "requests Discord would refuse:\n" + "\n".join(broken)


@functools.lru_cache(maxsize=256)
def _violations_said(method: str, path: str, body: str) -> tuple[str, ...]:
    """`violations` of a body as it is sent. Each start of the bot sends the same commands, more than all else."""
    return tuple(violations(method, path, json.loads(body)))


def _segments(path: str) -> list[str]:
    """The parts of a path between its slashes, without the API's version and the query."""
    path = path.partition("?")[0].strip("/")
    return (path.split("/", 2)[2] if path.startswith("api/v") else path).split("/")


def _parts(method: str, path: list[str], body: object) -> Iterator[tuple[str, Json]]:
    """The (kind, part) pairs of a request that ``RULES`` has rules for."""
    match method, path:
        case "PUT", ["applications", _, "commands"] | ["applications", _, "guilds", _, "commands"]:
            yield "command list", {"commands": body}
            yield from (("command", command) for command in _dicts(body))
            return
    if not isinstance(body, dict):
        return
    match method, path:
        case "POST", ["applications", _, "commands"] | ["applications", _, "guilds", _, "commands"]:
            yield "command", body
        case "POST", ["channels", _, "messages"] | ["webhooks", _, _]:
            yield from _message("new message", body)
        case "PATCH", ["webhooks", _, _, "messages", _]:
            yield from _message("answer", body)
        case "PATCH", ["channels", _, "messages", _]:
            yield "message", body
        case "POST", ["interactions", _, _, "callback"]:
            yield from _callback_parts(body)


def _callback_parts(body: Json) -> Iterator[tuple[str, Json]]:
    data = body.get("data")
    data = data if isinstance(data, dict) else {}
    match body.get("type"):
        case 4:
            yield from _message("new message", data)
        case 7 if data:
            yield from _message("answer", data)
        case 8:
            yield "choices", data
        case 9:
            yield "modal", data


def _message(kind: str, body: Json) -> Iterator[tuple[str, Json]]:
    """A message under each kind it is of: a new message is an answer (or post), an answer is a message."""
    if kind == "new message":
        yield kind, body
    yield "answer", body
    yield "message", body


def _dicts(value: object) -> list[Json]:
    """The objects in a JSON list. Anything else is left out: a wrong shape is the document's to report."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _has_surrogate(text: str) -> bool:
    """Whether it holds half of a UTF-16 pair, which UTF-8 cannot say and orjson, where installed, refuses."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def _components(part: Json) -> Iterator[Json]:
    """Every component of a message or modal, nested ones included, in reading order."""
    nested = [*_dicts(part.get("components")), *_dicts([part.get("accessory"), part.get("component")])]
    for component in nested:
        yield component
        yield from _components(component)


def _of_type(part: Json, *types: int) -> Iterator[Json]:
    return (component for component in _components(part) if component.get("type") in types)


def _is_v2(message: Json) -> bool:
    flags = message.get("flags")
    return isinstance(flags, int) and bool(flags & COMPONENTS_V2)


def _size(what: str, value: object, most: int, least: int = 0) -> Iterator[str]:
    """A complaint where a text is over ``most`` characters long or, blanks left out, under ``least``.

    Discord trims before it counts in most places: what is only blanks is refused as empty.
    """
    text = _text(value)
    if len(text) > most or len(text.strip()) < least:
        yield f"{what} has {len(text):,} characters, allowed are {least:,} to {most:,}: {text[:40]!r}"


def _count(what: str, number: int, most: int, least: int = 0) -> Iterator[str]:
    if not least <= number <= most:
        yield f"{number:,} {what}, allowed are {least:,} to {most:,}"


def _twice(what: str, values: Iterable[object]) -> Iterator[str]:
    for value, times in Counter(map(repr, values)).items():
        if times > 1:
            yield f"{what} {value} is used {times} times"


def mentions_decided(message: Json) -> Iterator[str]:
    """Without allowed_mentions Discord pings whoever the text names.

    Not asked of an edit in a channel: discord.py leaves it out there when only the view changes (`Message.edit`).
    """
    if not isinstance(message.get("allowed_mentions"), dict):
        yield "allowed_mentions is missing"


def pings_nobody(message: Json) -> Iterator[str]:
    """``parse`` must be there and empty: left out or null it is not a refusal."""
    allowed = message.get("allowed_mentions")
    if isinstance(allowed, dict):
        if allowed.get("parse") != []:
            yield f"allowed_mentions.parse is {allowed.get('parse')!r}, not []"
        for key in ("users", "roles", "replied_user"):
            if allowed.get(key):
                yield f"allowed_mentions.{key} is {allowed[key]!r}"


def content_length(message: Json) -> Iterator[str]:
    """The document allows 4,000 in channels, which is for people with Nitro; a bot has 2,000."""
    yield from _size("content", message.get("content"), 2000)


def something_to_show(message: Json) -> Iterator[str]:
    """An empty message is error 50006."""
    carriers = ("embeds", "components", "attachments", "sticker_ids", "poll", "message_reference")
    if not _text(message.get("content")).strip() and not any(message.get(key) for key in carriers):
        yield "the message is empty"


def nonce_length(message: Json) -> Iterator[str]:
    nonce = message.get("nonce")
    yield from _size("nonce", nonce if nonce is None else str(nonce), 25)


def embed_count(message: Json) -> Iterator[str]:
    yield from _count("embeds", len(_dicts(message.get("embeds"))), 10)


def embed_texts(message: Json) -> Iterator[str]:
    """The texts of an embed one by one; a field needs a name and a value."""
    for embed in _dicts(message.get("embeds")):
        yield from _count("embed fields", len(_dicts(embed.get("fields"))), 25)
        for what, text, most, least in _embed_texts(embed):
            yield from _size(f"embed {what}", text, most, least)


def embed_total(message: Json) -> Iterator[str]:
    """6,000 characters over all embeds of a message, blanks around each text left out."""
    texts = [text.strip() for embed in _dicts(message.get("embeds")) for _, text, _, _ in _embed_texts(embed)]
    yield from _count("characters in embeds", sum(map(len, texts)), 6000)


def _embed_texts(embed: Json) -> Iterator[tuple[str, str, int, int]]:
    """Each counted text of an embed as (its name, the text, most, least)."""
    yield "title", _text(embed.get("title")), 256, 0
    yield "description", _text(embed.get("description")), 4096, 0
    for holder, key, most in (("footer", "text", 2048), ("author", "name", 256)):
        for part in _dicts([embed.get(holder)]):
            yield holder, _text(part.get(key)), most, 0
    for field in _dicts(embed.get("fields")):
        yield "field name", _text(field.get("name")), 256, 1
        yield "field value", _text(field.get("value")), 1024, 1


def v2_stands_alone(message: Json) -> Iterator[str]:
    """A Components V2 message has no content, embeds, stickers or poll; null and empty clear them."""
    if _is_v2(message):
        for key in ("content", "embeds", "sticker_ids", "poll"):
            if message.get(key):
                yield f"{key} beside Components V2"


def v2_is_flagged(message: Json) -> Iterator[str]:
    if not _is_v2(message) and (types := {c["type"] for c in _of_type(message, *V2_TYPES)}):
        yield f"components of type {sorted(types)} without flag {COMPONENTS_V2}"


def component_count(message: Json) -> Iterator[str]:
    """40, nested ones included. An accessory counts, as in discord.py's own count (ui/section.py)."""
    yield from _count("components", sum(1 for _ in _components(message)), 40)


def legacy_rows(message: Json) -> Iterator[str]:
    if not _is_v2(message):
        yield from _count("action rows", len(_dicts(message.get("components"))), 5)


def row_width(message: Json) -> Iterator[str]:
    """An action row holds one to five buttons or one select, never both."""
    for row in _of_type(message, ROW):
        types = [component.get("type") for component in _dicts(row.get("components"))]
        if not types or len(types) > 5 or (len(types) > 1 and any(kind != BUTTON for kind in types)):
            yield f"an action row holds components of type {types}"


def text_display_filled(part: Json) -> Iterator[str]:
    for display in _of_type(part, TEXT_DISPLAY):
        yield from _size("a text display", display.get("content"), 4000, 1)


def text_total(message: Json) -> Iterator[str]:
    displays = [_text(display.get("content")) for display in _of_type(message, TEXT_DISPLAY)]
    yield from _count("characters in text displays", sum(map(len, displays)), 4000)


def text_payload(message: Json) -> Iterator[str]:
    """UTF-8 bytes, and 12 for each display; beyond it Discord answers HTTP 500 (discord-api-docs #8554)."""
    displays = [_text(display.get("content")) for display in _of_type(message, TEXT_DISPLAY)]
    size_bytes = sum(len(text.encode("utf-8", "surrogatepass")) + 12 for text in displays)
    yield from _count("bytes of text displays", size_bytes, 10_170)


def button_faces(message: Json) -> Iterator[str]:
    """A label of at most 80 characters, or an emoji; a premium button brings its own face."""
    for button in _of_type(message, BUTTON):
        faceless = not button.get("emoji") and button.get("style") != PREMIUM
        yield from _size("a button's label", button.get("label"), 80, int(faceless))


def link_buttons(message: Json) -> Iterator[str]:
    """http or https (Discord also takes discord://, which an article never links), at most 512 characters."""
    for button in _of_type(message, BUTTON):
        url = button.get("url")
        if button.get("style") != LINK:
            if url is not None:
                yield "a button that is no link has a url"
            continue
        yield from _size("a button's url", url, 512)
        if not _is_web_address(_text(url)):
            yield f"a button's url is no http or https address: {url!r}"
        if button.get("custom_id") is not None:
            yield "a link button has a custom_id"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False


def custom_ids(part: Json) -> Iterator[str]:
    for component in _components(part):
        pressed = component.get("type") == BUTTON and component.get("style") not in (LINK, PREMIUM)
        if pressed or component.get("type") in ANSWERING_TYPES:
            yield from _size("a custom_id", component.get("custom_id"), 100, 1)


def custom_ids_differ(part: Json) -> Iterator[str]:
    ids = (component.get("custom_id") for component in _components(part))
    yield from _twice("custom_id", (custom_id for custom_id in ids if custom_id is not None))


def select_options(part: Json) -> Iterator[str]:
    for select in _of_type(part, STRING_SELECT):
        options = _dicts(select.get("options"))
        yield from _count("select options", len(options), 25, 1)
        yield from _twice("option value", (option.get("value") for option in options))
        for option in options:
            yield from _size("an option's label", option.get("label"), 100, 1)
            yield from _size("an option's value", option.get("value"), 100, 1)
            yield from _size("an option's description", option.get("description"), 100)


def select_placeholders(part: Json) -> Iterator[str]:
    for select in _of_type(part, STRING_SELECT, 5, 6, 7, 8):
        yield from _size("a placeholder", select.get("placeholder"), 150)


def modal_heading(modal: Json) -> Iterator[str]:
    yield from _size("the modal's title", modal.get("title"), 45, 1)
    yield from _size("the modal's custom_id", modal.get("custom_id"), 100, 1)


def modal_size(modal: Json) -> Iterator[str]:
    """The document allows 40; discord.py (ui/modal.py) holds modals to five."""
    yield from _count("components in a modal", len(_dicts(modal.get("components"))), 5, 1)


def modal_labels(modal: Json) -> Iterator[str]:
    for label in _of_type(modal, LABEL):
        yield from _size("a label", label.get("label"), 45, 1)
        yield from _size("a label's description", label.get("description"), 100)
    for field in _of_type(modal, TEXT_INPUT):
        yield from _size("a text input's label", field.get("label"), 45)


def text_inputs(modal: Json) -> Iterator[str]:
    for field in _of_type(modal, TEXT_INPUT):
        yield from _size("a text input's placeholder", field.get("placeholder"), 100)
        most = field.get("max_length")
        yield from _size("a text input's value", field.get("value"), most if isinstance(most, int) else 4000)


def choice_count(data: Json) -> Iterator[str]:
    yield from _count("choices", len(_dicts(data.get("choices"))), 25)


def choice_texts(data: Json) -> Iterator[str]:
    """Names, and values where they are text, of 1 to 100 characters."""
    for choice in _dicts(data.get("choices")):
        yield from _size("a choice's name", choice.get("name"), 100, 1)
        if isinstance(choice.get("value"), str):
            yield from _size("a choice's value", choice["value"], 100, 1)


def command_counts(body: Json) -> Iterator[str]:
    commands = _dicts(body.get("commands"))
    for kind, what, most in (
        (1, "slash commands", 100),
        (2, "user commands", 15),
        (3, "message commands", 15),
    ):
        yield from _count(what, sum(_command_type(command) == kind for command in commands), most)
    yield from _twice("command (type, name)", ((_command_type(c), c.get("name")) for c in commands))


def command_names(command: Json) -> Iterator[str]:
    r"""``^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`` in lower case; a menu command's name is free."""
    named = [command] if _command_type(command) == 1 else []
    for part in [*named, *_options(command)]:
        name = _text(part.get("name"))
        if not 1 <= len(name) <= 32 or name != name.lower() or not all(map(_fits_a_name, name)):
            yield f"{name!r} is no command or option name"
    if not named:
        yield from _size("a menu command's name", command.get("name"), 32, 1)


def command_descriptions(command: Json) -> Iterator[str]:
    """1 to 100 characters on every command, group and option; a menu command has none."""
    if _command_type(command) == 1:
        yield from _size(f"the description of {command.get('name')!r}", command.get("description"), 100, 1)
    elif command.get("description"):
        yield f"menu command {command.get('name')!r} has a description"
    for option in _options(command):
        yield from _size(f"the description of {option.get('name')!r}", option.get("description"), 100, 1)


def command_options(command: Json) -> Iterator[str]:
    """At most 25 beside each other, each name once, the required ones first."""
    for part in (command, *_options(command)):
        options = _dicts(part.get("options"))
        yield from _count(f"options of {part.get('name')!r}", len(options), 25)
        yield from _twice("option name", (option.get("name") for option in options))
        needed = [bool(option.get("required")) for option in options]
        if needed != sorted(needed, reverse=True):
            yield f"{part.get('name')!r} has a required option after one that is not"


def command_choices(command: Json) -> Iterator[str]:
    for option in _options(command):
        yield from choice_count(option)
        yield from choice_texts(option)
        if option.get("choices") and option.get("autocomplete"):
            yield f"option {option.get('name')!r} has both choices and autocomplete"


def command_total(command: Json) -> Iterator[str]:
    """8,000 characters in all names, descriptions and text values; of translations the longest counts."""
    parts = [command, *_options(command)]
    parts += [choice for part in parts for choice in _dicts(part.get("choices"))]
    total = sum(
        _longest(part, "name") + _longest(part, "description") + len(_text(part.get("value"))) for part in parts
    )
    yield from _count(f"characters in command {command.get('name')!r}", total, 8000)


def _command_type(command: Json) -> object:
    return command.get("type") or 1


def _options(command: Json) -> Iterator[Json]:
    for option in _dicts(command.get("options")):
        yield option
        yield from _options(option)


def _fits_a_name(char: str) -> bool:
    """Letters and numbers of any script; Devanagari and Thai also with their marks, which are no letters."""
    with_marks = "\u0900" <= char <= "\u097f" or "\u0e00" <= char <= "\u0e7f"
    return char in "-_'" or unicodedata.category(char)[0] in ("LNM" if with_marks else "LN")


def _longest(part: Json, key: str) -> int:
    translations = part.get(f"{key}_localizations")
    texts = [part.get(key), *(translations.values() if isinstance(translations, dict) else ())]
    return max(len(_text(text)) for text in texts)


RULES: dict[str, tuple[Rule, ...]] = {
    "message": (
        pings_nobody,
        content_length,
        nonce_length,
        embed_count,
        embed_texts,
        embed_total,
        v2_stands_alone,
        v2_is_flagged,
        component_count,
        legacy_rows,
        row_width,
        text_display_filled,
        text_total,
        text_payload,
        button_faces,
        link_buttons,
        custom_ids,
        custom_ids_differ,
        select_options,
        select_placeholders,
    ),
    "answer": (mentions_decided,),
    "new message": (something_to_show,),
    "modal": (
        modal_heading,
        modal_size,
        modal_labels,
        text_inputs,
        text_display_filled,
        custom_ids,
        custom_ids_differ,
        select_options,
        select_placeholders,
    ),
    "choices": (choice_count, choice_texts),
    "command list": (command_counts,),
    "command": (
        command_names,
        command_descriptions,
        command_options,
        command_choices,
        command_total,
    ),
}


def _schema_violations(method: str, segments: list[str], body: object) -> Iterator[str]:
    template = _template(method, tuple(segments))
    if template is None:
        yield f"Discord has no {method} {'/'.join(segments)}"
        return
    validator = _validator(method, template)
    if validator is None:
        if body is not None:
            yield f"{method} {template} takes no body"
        return
    yield from _complaints(validator, body)


def _complaints(validator: jsonschema_rs.Draft202012Validator, body: object) -> Iterator[str]:
    for error in validator.iter_errors(body):
        for cause in _causes(error):
            place = ".".join(map(str, cause.instance_path)) or "body"
            reason = cause.message
            yield f"{place}: {reason if len(reason) < 200 else f'{reason[:60]} … {reason[-120:]}'}"


@functools.cache
def _document() -> Json:
    """Discord's document, loosened in one place.

    It knows snowflakes as strings only; discord.py also sends integers (the ids of attachments, ``sticker_ids``,
    users in allowed_mentions), which Discord takes. Nothing else needed it: the document has the nulls, it allows
    fields it does not name (``tts`` in an edit), and discord.py makes every nonce a string. ``format: uri`` is
    checked as it stands, so an address has to be percent-encoded.
    """
    document: Json = json.loads(OPENAPI.read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    return document


@functools.cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:discord", {"components": _document()["components"]})])


@functools.cache
def _templates(method: str) -> tuple[tuple[str, ...], ...]:
    """The paths for a method as segments, the most literal first: ``@original`` before ``{message_id}``."""
    paths = [path for path, operations in _document()["paths"].items() if method.lower() in operations]
    return tuple(
        sorted((tuple(path.strip("/").split("/")) for path in paths), key=lambda path: "".join(path).count("{"))
    )


def _template(method: str, path: tuple[str, ...]) -> str | None:
    for template in _templates(method):
        if len(template) == len(path) and all(t[0] == "{" or t == p for t, p in zip(template, path, strict=True)):
            return "/" + "/".join(template)
    return None


@functools.cache
def _validator(method: str, template: str) -> jsonschema_rs.Draft202012Validator | None:
    """The compiled schema of an operation's body (some 2 ms the first time); None where it takes none."""
    return _compiled(_document()["paths"][template][method.lower()].get("requestBody", {}).get("content", {}))


@functools.cache
def _object_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = {"$ref": f"urn:discord#/components/schemas/{name}"}
    return jsonschema_rs.Draft202012Validator(schema, registry=_registry(), validate_formats=True)


@functools.cache
def _response_validator(
    method: str, template: str, status: int
) -> tuple[bool, jsonschema_rs.Draft202012Validator | None]:
    """Whether an operation is answered with ``status`` at all, and the schema of the body it has then, if any."""
    responses: Json = _document()["paths"][template][method.lower()]["responses"]
    response = responses.get(str(status), responses.get(f"{status // 100}XX"))
    if response is None:
        return False, None
    if "$ref" in response:
        response = _document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return True, _compiled(response.get("content", {}))


def _compiled(content: Json) -> jsonschema_rs.Draft202012Validator | None:
    if not content:
        return None
    kind = "application/json" if "application/json" in content else next(iter(content))
    schema = json.loads(json.dumps(content[kind]["schema"]).replace('"#/', '"urn:discord#/'))
    return jsonschema_rs.Draft202012Validator(schema, registry=_registry(), validate_formats=True)


def _causes(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """What is really wrong where none of several schemas fits: the faults of the one that was meant.

    It is the one whose ``type`` fits, which tells Discord's components, options and callbacks apart; among equals,
    the one with the fewest faults.
    """
    if isinstance(
        error.kind, (jsonschema_rs.ValidationErrorKind.OneOfNotValid, jsonschema_rs.ValidationErrorKind.AnyOf)
    ):
        meant = min(error.kind.context, key=lambda branch: (_is_other(branch, error.instance_path), len(branch)))
        if not _is_other(meant, error.instance_path):
            for cause in meant:
                yield from _causes(cause)
            return
    yield error


def _is_other(branch: list[jsonschema_rs.ValidationError], place: list[str | int]) -> bool:
    """Whether a schema was not meant: another ``type``, another JSON type, or one of several constants."""
    return any(
        fault.instance_path == [*place, "type"]
        or (fault.instance_path == place and fault.kind.name in {"type", "const"})
        for fault in branch
    )
