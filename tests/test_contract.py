"""The contract itself: a rule reports what breaks it and not the nearest allowed request; real requests pass."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands, ui
from hypothesis import given
from hypothesis import strategies as st

from tests import contract
from tests.contract import RULES, SCHEMA_AVAILABLE, SCHEMA_MISSING, check, response_violations, violations

Json = dict[str, Any]
Request = tuple[str, str, Any]

NOBODY: Json = {"parse": []}
needs_schema = pytest.mark.skipif(not SCHEMA_AVAILABLE, reason=SCHEMA_MISSING)


def message(**fields: Any) -> Request:
    return "POST", "/channels/1/messages", {"content": "Hello", "allowed_mentions": NOBODY} | fields


def embeds(*parts: Json) -> Request:
    return message(embeds=list(parts))


def layout(*components: Json, **fields: Any) -> Request:
    body = {"flags": 1 << 15, "components": list(components), "allowed_mentions": NOBODY}
    return "POST", "/webhooks/2/token", body | fields


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def button(custom_id: str = "a", label: str = "Next", **fields: Any) -> Json:
    return {"type": 2, "style": 1, "custom_id": custom_id, "label": label} | fields


def link(url: str) -> Json:
    return {"type": 2, "style": 5, "label": "Read", "url": url}


def options(number: int, **first: Any) -> list[Json]:
    made = [{"label": f"Option {i}", "value": str(i)} for i in range(number)]
    return [made[0] | first, *made[1:]] if made else []


def select(chosen: list[Json] | None = None, **fields: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": options(2) if chosen is None else chosen} | fields


def modal(*components: Json, **fields: Any) -> Request:
    data = {"custom_id": "add", "title": "Add an article", "components": list(components or [field()])}
    return "POST", "/interactions/3/token/callback", {"type": 9, "data": data | fields}


def field(custom_id: str = "t", **fields: Any) -> Json:
    return labelled({"type": 4, "style": 1, "custom_id": custom_id} | fields)


def labelled(component: Json, **fields: Any) -> Json:
    return {"type": 18, "label": "Title", "component": component} | fields


def choices(*pairs: tuple[str, object]) -> Request:
    data = {"choices": [{"name": name, "value": value} for name, value in pairs]}
    return "POST", "/interactions/3/token/callback", {"type": 8, "data": data}


def command(**fields: Any) -> Request:
    body = {"name": "quote", "description": "Find what was said", "type": 1, "options": []}
    return "PUT", "/applications/4/commands", [body | fields]


def commands(number: int, kind: int = 1) -> Request:
    described = {"description": "Find"} if kind == 1 else {}
    return "PUT", "/applications/4/commands", [{"name": f"c{i}", "type": kind} | described for i in range(number)]


def option(name: str = "query", **fields: Any) -> Json:
    return {"type": 3, "name": name, "description": "What to look for"} | fields


def group(*children: Json) -> Json:
    return option("group", type=2, options=list(children))


def subcommand(*children: Json, **fields: Any) -> Json:
    return option("sub", type=1, options=list(children)) | fields


def wordy(total: int) -> Json:
    """A command of ``total`` characters: 25 options with choices of 100 + 100 characters fill it up."""
    bare = option("o", description="d")
    left = total - len("quote" + "Find what was said") - 25 * len("od")
    made = []
    for number in range(25):
        chosen: list[Json] = []
        while left > 1 and len(chosen) < 2:
            size = min(200, left)
            chosen.append({"name": "n" * (size - size // 2), "value": "v" * (size // 2)})
            left -= size
        made.append(bare | {"name": chr(ord("a") + number), "choices": chosen})
    return {"options": made}


CASES: list[tuple[str, Request, Request]] = [
    ("unpaired_surrogates", message(content="\ud83d"), message(content="\U0001f600")),
    ("unpaired_surrogates", choices(("\udc00", "a")), choices(("a", "a"))),
    ("mentions_decided", ("POST", "/channels/1/messages", {"content": "a"}), message(content="a")),
    ("mentions_decided", message(allowed_mentions=None), message()),
    (
        "mentions_decided",
        ("PATCH", "/webhooks/2/token/messages/3", {"components": []}),
        ("PATCH", "/channels/1/messages/2", {"components": []}),
    ),
    (
        "mentions_decided",
        ("POST", "/interactions/3/token/callback", {"type": 7, "data": {"content": "a"}}),
        ("POST", "/interactions/3/token/callback", {"type": 6}),
    ),
    ("pings_nobody", message(allowed_mentions={}), message(allowed_mentions={"parse": []})),
    ("pings_nobody", message(allowed_mentions={"parse": ["users"]}), message()),
    (
        "pings_nobody",
        message(allowed_mentions=NOBODY | {"users": ["1"]}),
        message(allowed_mentions=NOBODY | {"users": []}),
    ),
    (
        "pings_nobody",
        message(allowed_mentions=NOBODY | {"roles": ["1"]}),
        message(allowed_mentions=NOBODY | {"roles": []}),
    ),
    (
        "pings_nobody",
        message(allowed_mentions=NOBODY | {"replied_user": True}),
        message(allowed_mentions=NOBODY | {"replied_user": False}),
    ),
    ("content_length", message(content="é" * 2001), message(content="é" * 2000)),
    ("something_to_show", message(content=" \n"), message(content=".")),
    ("something_to_show", message(content=None), message(content=None, embeds=[{"title": "a"}])),
    (
        "something_to_show",
        ("POST", "/interactions/3/token/callback", {"type": 4, "data": {"allowed_mentions": NOBODY}}),
        ("POST", "/interactions/3/token/callback", {"type": 5, "data": {"flags": 64}}),
    ),
    (
        "something_to_show",
        message(content=""),
        ("PATCH", "/webhooks/2/token/messages/@original", {"content": "", "allowed_mentions": NOBODY}),
    ),
    ("nonce_length", message(nonce="n" * 26), message(nonce="n" * 25)),
    ("embed_count", embeds(*[{"title": "a"}] * 11), embeds(*[{"title": "a"}] * 10)),
    ("embed_texts", embeds({"title": "a" * 257}), embeds({"title": "a" * 256})),
    ("embed_texts", embeds({"description": "a" * 4097}), embeds({"description": "a" * 4096})),
    ("embed_texts", embeds({"footer": {"text": "a" * 2049}}), embeds({"footer": {"text": "a" * 2048}})),
    ("embed_texts", embeds({"author": {"name": "a" * 257}}), embeds({"author": {"name": "a" * 256}})),
    (
        "embed_texts",
        embeds({"fields": [{"name": "a", "value": "b"}] * 26}),
        embeds({"fields": [{"name": "a", "value": "b"}] * 25}),
    ),
    (
        "embed_texts",
        embeds({"fields": [{"name": "a" * 257, "value": "b"}]}),
        embeds({"fields": [{"name": "a" * 256, "value": "b"}]}),
    ),
    (
        "embed_texts",
        embeds({"fields": [{"name": "a", "value": "b" * 1025}]}),
        embeds({"fields": [{"name": "a", "value": "b" * 1024}]}),
    ),
    (
        "embed_texts",
        embeds({"fields": [{"name": " ", "value": "b"}]}),
        embeds({"fields": [{"name": " a", "value": "b"}]}),
    ),
    (
        "embed_texts",
        embeds({"fields": [{"name": "a", "value": ""}]}),
        embeds({"fields": [{"name": "a", "value": "b"}]}),
    ),
    (
        "embed_total",
        embeds({"description": "a" * 3000}, {"description": "a" * 3000, "title": "b"}),
        embeds({"description": "a" * 3000}, {"description": "a" * 3000, "title": " "}),
    ),
    ("v2_stands_alone", layout(text("a"), content="b"), layout(text("a"), content=None)),
    ("v2_stands_alone", layout(text("a"), embeds=[{"title": "b"}]), layout(text("a"), embeds=[])),
    ("v2_is_flagged", layout(text("a"), flags=64), layout(text("a"), flags=64 | 1 << 15)),
    ("v2_is_flagged", layout(text("a"), flags=None), layout(row(button()), flags=None)),
    ("component_count", layout(*[text("a")] * 41), layout(*[text("a")] * 40)),
    (
        "component_count",
        layout(*[{"type": 17, "components": [text("a")]}] * 20, text("b")),
        layout(*[{"type": 17, "components": [text("a")]}] * 20),
    ),
    (
        "component_count",
        layout(
            *[{"type": 9, "components": [text("a")], "accessory": link("https://example.org")}] * 13,
            text("a"),
            text("a"),
        ),
        layout(*[{"type": 9, "components": [text("a")], "accessory": link("https://example.org")}] * 13, text("a")),
    ),
    (
        "legacy_rows",
        message(components=[row(button(str(i))) for i in range(6)]),
        message(components=[row(button(str(i))) for i in range(5)]),
    ),
    ("row_width", layout(row(*[button(str(i)) for i in range(6)])), layout(row(*[button(str(i)) for i in range(5)]))),
    ("row_width", layout(row(select(), button())), layout(row(select()), row(button()))),
    ("row_width", layout(row()), layout(row(button()))),
    ("text_display_filled", layout(text("")), layout(text("a"))),
    ("text_display_filled", modal(field(), text(" ")), modal(field(), text("a"))),
    ("text_display_filled", modal(text("a" * 4001)), modal(text("a" * 4000))),
    ("text_total", layout(text("a" * 3999), text("bb")), layout(text("a" * 3999), text("b"))),
    (
        "text_payload",
        layout(text("字" * 3000), text("é" * 573 + "a")),
        layout(text("字" * 3000), text("é" * 573)),
    ),
    ("button_faces", layout(row(button(label="a" * 81))), layout(row(button(label="a" * 80)))),
    ("button_faces", layout(row(button(label=""))), layout(row(button(label="", emoji={"name": "▶"})))),
    ("link_buttons", layout(row(link("ftp://example.org/"))), layout(row(link("http://example.org/")))),
    ("link_buttons", layout(row(link("https:///path"))), layout(row(link("https://example.org/path")))),
    ("link_buttons", layout(row(link("https://[/"))), layout(row(link("https://[::1]/")))),
    ("link_buttons", layout(row(link("https://a.org/ b"))), layout(row(link("https://a.org/%20b")))),
    (
        "link_buttons",
        layout(row(link("https://example.org/".ljust(513, "a")))),
        layout(row(link("https://example.org/".ljust(512, "a")))),
    ),
    (
        "link_buttons",
        layout(row(link("https://example.org/") | {"custom_id": "a"})),
        layout(row(link("https://example.org/"))),
    ),
    ("link_buttons", layout(row(button(url="https://example.org/"))), layout(row(button()))),
    ("custom_ids", layout(row(button("a" * 101))), layout(row(button("a" * 100)))),
    ("custom_ids", layout(row(button(custom_id=""))), layout(row(button(custom_id="a")))),
    ("custom_ids", modal(field("a" * 101)), modal(field("a" * 100))),
    ("custom_ids_differ", layout(row(button("a")), row(button("a"))), layout(row(button("a")), row(button("A")))),
    (
        "custom_ids_differ",
        layout({"type": 9, "components": [text("a")], "accessory": button("a")}, row(button("a"))),
        layout({"type": 9, "components": [text("a")], "accessory": button("a")}, row(button("b"))),
    ),
    ("custom_ids_differ", modal(field("a"), field("a")), modal(field("a"), field("b"))),
    ("select_options", layout(row(select([]))), layout(row(select(options(1))))),
    ("select_options", layout(row(select(options(26)))), layout(row(select(options(25))))),
    ("select_options", layout(row(select(options(2, value="1")))), layout(row(select(options(2, value="2"))))),
    (
        "select_options",
        layout(row(select(options(1, label="a" * 101)))),
        layout(row(select(options(1, label="a" * 100)))),
    ),
    (
        "select_options",
        layout(row(select(options(1, value="a" * 101)))),
        layout(row(select(options(1, value="a" * 100)))),
    ),
    ("select_options", layout(row(select(options(1, label=" ")))), layout(row(select(options(1, label="a"))))),
    (
        "select_options",
        layout(row(select(options(1, description="a" * 101)))),
        layout(row(select(options(1, description="a" * 100)))),
    ),
    ("select_options", modal(labelled(select(options(26)))), modal(labelled(select(options(25))))),
    ("select_options", layout(row(select(options(1, value="")))), layout(row(select(options(1, value="a"))))),
    *[
        (
            "select_placeholders",
            layout(row(select(type=kind, placeholder="a" * 151))),
            layout(row(select(type=kind, placeholder="a" * 150))),
        )
        for kind in (3, 5, 6, 7, 8)
    ],
    ("modal_heading", modal(title="a" * 46), modal(title="a" * 45)),
    ("modal_heading", modal(title=" "), modal(title="a")),
    ("modal_heading", modal(custom_id="a" * 101), modal(custom_id="a" * 100)),
    ("modal_heading", modal(custom_id=""), modal(custom_id="a")),
    ("modal_size", modal(*[text("a")] * 6), modal(*[text("a")] * 5)),
    ("modal_size", modal(components=[]), modal(field())),
    ("modal_labels", modal(labelled(select(), label="a" * 46)), modal(labelled(select(), label="a" * 45))),
    ("modal_labels", modal(labelled(select(), label="")), modal(labelled(select(), label="a"))),
    (
        "modal_labels",
        modal(labelled(select(), description="a" * 101)),
        modal(labelled(select(), description="a" * 100)),
    ),
    (
        "modal_labels",
        modal(row({"type": 4, "style": 1, "custom_id": "a", "label": "a" * 46})),
        modal(row({"type": 4, "style": 1, "custom_id": "a", "label": "a" * 45})),
    ),
    ("text_inputs", modal(field(placeholder="a" * 101)), modal(field(placeholder="a" * 100))),
    ("text_inputs", modal(field(value="a" * 4001)), modal(field(value="a" * 4000))),
    ("text_inputs", modal(field(value="abc", max_length=2)), modal(field(value="abc", max_length=3))),
    ("choice_count", choices(*[("a", "b")] * 26), choices(*[("a", "b")] * 25)),
    ("choice_count", choices(*[("a", "b")] * 26), choices()),
    ("choice_texts", choices(("a" * 101, "b")), choices(("a" * 100, "b"))),
    ("choice_texts", choices(("a", "b" * 101)), choices(("a", "b" * 100))),
    ("choice_texts", choices((" ", "b")), choices(("a", "b"))),
    ("choice_texts", choices(("a", "")), choices(("a", 0))),
    ("command_counts", commands(101), commands(100)),
    ("command_counts", commands(16, kind=2), commands(15, kind=2)),
    ("command_counts", commands(16, kind=3), commands(15, kind=3)),
    ("command_counts", (*command()[:2], command()[2] * 2), command()),
    ("command_names", command(name="Quote"), command(name="quote")),
    ("command_names", command(name="a quote"), command(name="a-quote_'")),
    ("command_names", command(name="a" * 33), command(name="a" * 32)),
    ("command_names", command(options=[option("since:")]), command(options=[option("since")])),
    ("command_names", command(options=[subcommand(option("Ä"))]), command(options=[subcommand(option("äक्ा"))])),
    (
        "command_names",
        command(name=" ", type=3, description=""),
        command(name="Look up", type=3, description=""),
    ),
    ("command_names", command(name="a" * 33, type=3, description=""), command(name="A" * 32, type=3, description="")),
    ("command_names", command(options=[option("")]), command(options=[option("a")])),
    ("command_descriptions", command(description=""), command(description="a")),
    ("command_descriptions", command(description="a" * 101), command(description="a" * 100)),
    (
        "command_descriptions",
        command(options=[group(subcommand(description=" "))]),
        command(options=[group(subcommand(description="a"))]),
    ),
    (
        "command_descriptions",
        command(options=[group(subcommand(option(description="a" * 101)))]),
        command(options=[group(subcommand(option(description="a" * 100)))]),
    ),
    (
        "command_descriptions",
        ("POST", "/applications/4/guilds/5/commands", {"name": "quote"}),
        ("POST", "/applications/4/guilds/5/commands", {"name": "quote", "description": "a"}),
    ),
    ("command_descriptions", command(type=2), command(type=2, description="")),
    (
        "command_options",
        command(options=[option(f"o{i}") for i in range(26)]),
        command(options=[option(f"o{i}") for i in range(25)]),
    ),
    ("command_options", command(options=[option("a"), option("a")]), command(options=[option("a"), option("b")])),
    (
        "command_options",
        command(options=[subcommand(option("a"), option("b", required=True))]),
        command(options=[subcommand(option("b", required=True), option("a"))]),
    ),
    (
        "command_choices",
        command(options=[option(choices=[{"name": "a", "value": "b"}] * 26)]),
        command(options=[option(choices=[{"name": "a", "value": "b"}] * 25)]),
    ),
    (
        "command_choices",
        command(options=[option(choices=[{"name": "a", "value": "b" * 101}])]),
        command(options=[option(choices=[{"name": "a", "value": "b" * 100}])]),
    ),
    (
        "command_choices",
        command(options=[option(choices=[{"name": "a", "value": "b"}], autocomplete=True)]),
        command(options=[option(choices=[], autocomplete=True)]),
    ),
    ("command_total", command(**wordy(8001)), command(**wordy(8000))),
    (
        "command_total",
        command(**wordy(8000), description_localizations={"de": "a" * 19}),
        command(**wordy(8000), description_localizations={"de": "a" * 18, "fr": "a"}),
    ),
]


def _named(case: tuple[str, Request, Request]) -> str:
    return case[0]


@pytest.mark.parametrize(("rule", "broken", "_fine"), CASES, ids=map(_named, CASES))
def test_a_request_that_breaks_one_rule_is_reported_by_that_rule_alone(
    rule: str, broken: Request, _fine: Request
) -> None:
    assert {found.partition(":")[0] for found in violations(*broken)} - {"schema"} == {rule}


@pytest.mark.parametrize(("rule", "_broken", "fine"), CASES, ids=map(_named, CASES))
def test_the_nearest_allowed_request_is_not_reported(rule: str, _broken: Request, fine: Request) -> None:
    assert violations(*fine) == []


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in CASES} == {rule.__name__ for rules in RULES.values() for rule in rules} | {
        "unpaired_surrogates"
    }


KEYS = sorted({key for _, request, _ in CASES for key in contract._strings(request[2]) if 1 < len(key) < 30})
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 23) | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(
    ANY_JSON,
    st.sampled_from([message(), layout(), modal(), choices(), command(), ("PATCH", "/webhooks/1/t/messages/2", None)]),
)
def test_a_body_of_any_shape_is_judged_without_an_exception(body: object, request_: Request) -> None:
    violations(request_[0], request_[1], body)


@needs_schema
@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/1/token/messages/@original",
        "webhooks/1/token/messages/2",
        "/api/v10/webhooks/1/token/messages/@original?with_components=true",
    ],
)
def test_a_path_is_found_with_and_without_its_prefix_and_query(path: str) -> None:
    broken = violations("PATCH", path, {"embeds": [{"color": -1}], "allowed_mentions": NOBODY})
    assert broken == ["schema: embeds.0.color: -1 is less than the minimum of 0"]


@needs_schema
def test_a_route_discord_does_not_have_is_reported() -> None:
    assert violations("PUT", "/channels/1/messages", None) == ["schema: Discord has no PUT channels/1/messages"]


@needs_schema
@pytest.mark.parametrize("path", ["/channels/1/typing", "/channels/1/pins/2"])
def test_a_request_without_a_body_passes_where_none_is_taken(path: str) -> None:
    method = "POST" if path.endswith("typing") else "PUT"
    assert violations(method, path, None) == []
    assert "takes no body" in violations(method, path, {"a": 1})[0]


@needs_schema
@pytest.mark.parametrize("snowflake", [1, "1"])
def test_a_snowflake_may_be_an_integer_or_a_string(snowflake: object) -> None:
    assert violations(*message(attachments=[{"id": snowflake, "filename": "cutting.txt"}])) == []
    assert violations(*message(attachments=[{"id": -1, "filename": "cutting.txt"}])) != []


@needs_schema
def test_a_fault_deep_in_a_layout_is_named_with_its_place_and_reason() -> None:
    broken = layout({"type": 17, "components": [row(button(style=9))]})
    assert violations(*broken)[0].startswith("schema: components.0.components.0.components.0.style: ")


class Card(ui.LayoutView):
    """What `/quote` answers here: a quote with its source, a button and a select."""

    def __init__(self, words: str) -> None:
        super().__init__(timeout=None)
        source: ui.Button[Card] = ui.Button(label="Source", url="https://example.org/a")
        turn: ui.Button[Card] = ui.Button(label="Next", custom_id="next")
        turn.callback = self.turn  # type: ignore[method-assign]
        pick: ui.Select[Card] = ui.Select(custom_id="pick", options=[discord.SelectOption(label="A", value="a")])
        self.add_item(ui.Container(ui.Section(ui.TextDisplay(words), accessory=source), ui.Separator()))
        self.add_item(ui.ActionRow(turn))
        self.add_item(ui.ActionRow(pick))

    async def turn(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Card("The next one"))


class Form(ui.Modal, title="Add an article"):
    """What `/article add` opens here."""

    headline: ui.Label[Form] = ui.Label(text="Title", component=ui.TextInput(max_length=200, custom_id="title"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Added.", ephemeral=True)


@app_commands.command(description="Find what was said")
@app_commands.describe(query="What to look for")
async def quote(interaction: discord.Interaction, query: str) -> None:
    await interaction.response.send_message(view=Card(query), ephemeral=True)


@quote.autocomplete("query")
async def queries(_interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed} {number}", value=str(number)) for number in range(25)]


article = app_commands.Group(
    name="article",
    description="The articles of this server",
    guild_only=True,
    default_permissions=discord.Permissions(manage_guild=True),
)


@article.command(description="Add an article")
async def add(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Form())


@article.command(description="Answer late, in files and follow-ups, and post")
async def export(interaction: discord.Interaction) -> None:
    assert isinstance(interaction.channel, discord.TextChannel)
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.edit_original_response(attachments=[discord.File(io.BytesIO(b"cutting"), "a.txt")])
    await interaction.followup.send("And more", ephemeral=True)
    posted = await interaction.channel.send(view=Card("The day"), nonce="n" * 25)
    await posted.edit(view=Card("The whole day"))
    await posted.delete()


class Cards(discord.Client):
    """A small bot that answers in each way Newsdesk does: layouts, modals, choices, buttons, files, posts."""

    def __init__(self, mentions: discord.AllowedMentions | None) -> None:
        super().__init__(intents=discord.Intents(guilds=True), allowed_mentions=mentions)
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(quote)
        self.tree.add_command(article)

    async def setup_hook(self) -> None:
        await self.tree.sync()


def _admin(env: simcord.Env) -> tuple[simcord.ChannelHandle, simcord.MemberActor]:
    guild = env.create_guild()
    return guild.create_text_channel("news"), guild.add_member(guild.owner)


async def test_every_request_of_a_well_behaved_bot_passes() -> None:
    async with simcord.run(Cards(discord.AllowedMentions.none())) as env:
        channel, admin = _admin(env)
        assert len(await admin.autocomplete(channel, "quote", "query", "price")) == 25
        card = (await admin.slash(channel, "quote", query="price")).response
        assert card is not None
        await admin.click(card, label="Next")
        await admin.submit_modal(await admin.slash(channel, "article add"), {"title": "Bread"})
        await admin.slash(channel, "article export")
        requests = [(r.method, r.path.strip("/").split("/"), r.json) for r in env.http_requests]
        assert {kind for request in requests for kind, _ in contract._parts(*request)} == set(RULES)
        check(env)


async def test_text_too_long_in_bytes_for_discord_is_reported_though_the_simulation_takes_it() -> None:
    async with simcord.run(Cards(discord.AllowedMentions.none())) as env:
        channel, admin = _admin(env)
        assert (await admin.slash(channel, "quote", query="字" * 3387)).response
        with pytest.raises(AssertionError, match=r"POST /interactions/.*/callback: text_payload: 10,173 bytes"):
            check(env)


async def test_a_client_that_left_mentions_open_is_reported() -> None:
    async with simcord.run(Cards(None)) as env:
        channel, admin = _admin(env)
        await admin.slash(channel, "quote", query="price")
        with pytest.raises(AssertionError, match="mentions_decided: allowed_mentions is missing"):
            check(env)


def test_the_rules_hold_without_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SCHEMA_AVAILABLE", False)
    assert violations(*message(content="a" * 2001))
    assert violations("PUT", "/no/such/route", None) == []


ERROR: Json = {"message": "Unknown Channel", "code": 10003}


def posted(**changes: Any) -> Json:
    """What Discord answers to a post."""
    author = {"id": "5", "username": "newsdesk", "discriminator": "0", "global_name": None, "avatar": None}
    empty: Json = {key: [] for key in ("mentions", "mention_roles", "attachments", "embeds", "components")}
    plain = {"tts": False, "mention_everyone": False, "pinned": False, "edited_timestamp": None, "flags": 0}
    made = {"id": "9", "channel_id": "1", "type": 0, "content": "Hello", "timestamp": "2026-03-02T12:00:00+00:00"}
    return {
        **empty,
        **plain,
        **made,
        "author": author | {"public_flags": 0, "flags": 0, "primary_guild": None},
    } | changes


@needs_schema
@pytest.mark.parametrize(
    ("method", "path", "status", "body", "broken"),
    [
        ("POST", "/channels/1/messages", 200, posted(), posted(timestamp="noon")),
        ("POST", "/channels/1/messages", 200, posted(), {}),
        ("GET", "/channels/1/messages?limit=2", 200, [posted(), posted()], [posted(), posted(content=None)]),
        ("POST", "/channels/1/messages", 404, ERROR, {"message": "Unknown Channel"}),
        ("POST", "/channels/1/messages", 429, ERROR | {"retry_after": 0.5, "global": False}, ERROR),
        ("POST", "/channels/1/typing", 204, None, ERROR),
    ],
)
def test_a_response_is_held_against_the_document(
    method: str, path: str, status: int, body: object, broken: object
) -> None:
    assert response_violations(method, path, status, body) == []
    assert response_violations(method, path, status, broken) != []


@needs_schema
def test_a_response_with_a_status_that_discord_does_not_give_is_reported() -> None:
    assert response_violations("POST", "/channels/1/messages", 302, None) != []
    assert response_violations("GET", "/no/such/route", 200, {}) != []


def test_errors_of_discords_own_servers_are_not_in_the_document() -> None:
    assert response_violations("POST", "/channels/1/messages", 503, "upstream connect error") == []
    assert response_violations("GET", "/no/such/route", 404, {"message": "404: Not Found", "code": 0}) == []
