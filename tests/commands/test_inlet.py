"""/article fetch, /article upload of several files, "Save as article": nothing is saved before somebody says so."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.discord_app.uploads import MAX_BYTES_IN_ALL
from bot.model import Document
from tests.commands.conftest import World, button, buttons, shown
from tests.commands.test_quote import submit
from tests.reading.made import docx, paragraph, pdf

LINK = "https://www.gazette.org/zeppelin?utm_source=letter"
HOME = "https://www.gazette.org/zeppelin"
PARAGRAPHS = [
    "The zeppelin landed in Novgorod at dawn, two days after it had left its hangar in Lindholm with nine people.",
    "“We had expected the milk and nothing else,” said Olga Petrova, the mayor, who was in her slippers.",
    "Nobody was hurt, but a hen house on the market square had to be taken down, and four hens are still at large.",
]
LONG = [f"{text} It was the {number}th time that week." for number in range(1, 20) for text in PARAGRAPHS]


def page(paragraphs: list[str] = PARAGRAPHS, head: str = "") -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    facts = (
        '<meta property="og:site_name" content="The Gazette"><meta name="author" content="Ana Li">'
        '<meta property="article:published_time" content="2025-05-12T08:00:00Z">'
    )
    top = f"<title>Zeppelin over Novgorod</title>{head or facts}<link rel='canonical' href='{HOME}'>"
    return (
        f"<!DOCTYPE html><html><head>{top}</head><body><article><h1>Zeppelin over Novgorod</h1>{body}</article></html>"
    )


async def fetch(world: World, link: str = LINK) -> simcord.InteractionResult:
    return await world.admin.slash(world.channel, "article fetch", url=link)


async def press(world: World, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    assert result.response is not None
    return await world.admin.click(result.response, custom_id=button(result, label))


def values(form: simcord.InteractionResult) -> list[str | None]:
    assert form.modal is not None
    return [label["component"].get("value") for label in form.modal["components"]]


async def found(world: World, query: str = "zeppelin novgorod") -> str:
    return shown(await world.member.slash(world.channel, "quote", query=query))


async def test_what_was_fetched_is_shown_and_saved_when_asked_for(world: World) -> None:
    world.web.put(LINK, page())
    preview = await fetch(world)
    assert preview.ephemeral
    text = shown(preview)
    assert "**Zeppelin over Novgorod** · The Gazette · 12 May 2025" in text
    assert "by Ana Li · 61 words" in text
    assert "> The zeppelin landed in Novgorod at dawn" in text
    assert "**1 quotation** found in it:\n> “We had expected the milk and nothing else,” — **Olga Petrova**" in text
    assert "Nothing in the library matches" in await found(world)
    await press(world, preview, "Save")
    assert "Added to this server's library" in shown(preview)
    assert "landed in **Novgorod**" in await found(world)
    article = await world.newsdesk.article(world.guild.id, "1")
    assert (article.url, article.authors, article.added_by) == (HOME, ("Ana Li",), world.admin.id)


async def test_save_works_after_a_restart_and_for_who_fetched_alone(world: World) -> None:
    world.web.put(LINK, page())
    preview = await fetch(world)
    await world.env.restart_bot()
    await press(world, preview, "Save")
    assert "Added to this server's library" in shown(preview)


async def test_cancel_leaves_nothing_behind(world: World) -> None:
    world.web.put(LINK, page())
    preview = await fetch(world)
    draft = button(preview, "Save").rpartition(":")[2]
    await press(world, preview, "Cancel")
    assert shown(preview) == "Nothing was saved."
    assert await world.newsdesk.corpus.answers.load(draft) is None
    assert "Nothing in the library matches" in await found(world)


async def test_edit_opens_the_form_filled_in(world: World) -> None:
    world.web.put(LINK, page())
    form = await press(world, await fetch(world), "Edit")
    assert values(form) == ["Zeppelin over Novgorod", "The Gazette", "2025-05-12", HOME, "\n\n".join(PARAGRAPHS)]
    added = await submit(world, form, title="The zeppelin of Novgorod")
    assert "The zeppelin of Novgorod" in shown(added)
    article = await world.newsdesk.article(world.guild.id, "1")
    assert article.authors == ("Ana Li",)


async def test_a_text_too_long_for_a_form_stays_whole_when_the_rest_is_edited(world: World) -> None:
    world.web.put(LINK, page(LONG))
    form = await press(world, await fetch(world), "Edit")
    assert values(form) == ["Zeppelin over Novgorod", "The Gazette", "2025-05-12", HOME, "Ana Li"]
    added = await submit(world, form, authors="Ana Li; Bo Ek", date="May 2025")
    assert "Added to this server's library" in shown(added)
    article = await world.newsdesk.article(world.guild.id, "1")
    assert article.authors == ("Ana Li", "Bo Ek")
    assert article.text == "\n\n".join(LONG)


async def test_what_a_page_does_not_say_is_pointed_out(world: World) -> None:
    world.web.put(LINK, page(head="<meta name='robots' content='all'>"))
    assert "Not found on it: date. Edit adds what you know." in shown(await fetch(world)).replace("outlet and ", "")


@pytest.mark.parametrize("again", [LINK, "http://m.gazette.org/zeppelin/", "gazette.org/zeppelin#top"])
async def test_a_page_that_is_known_is_not_fetched_again(world: World, again: str) -> None:
    world.web.put(LINK, page())
    await press(world, await fetch(world), "Save")
    world.web.asked.clear()
    known = shown(await fetch(world, again))
    assert known.startswith("### Already in the library")
    assert "**Zeppelin over Novgorod** · The Gazette · 12 May 2025 · `#1`" in known
    assert world.web.asked == []


async def test_a_page_that_is_known_under_its_own_link_is_recognised_once_fetched(world: World) -> None:
    world.web.put(LINK, page())
    await press(world, await fetch(world), "Save")
    world.web.put("https://short.org/x7", page([*PARAGRAPHS, "It flew on."]), found_at=f"{HOME}?share=1")
    known = await fetch(world, "https://short.org/x7")
    assert shown(known).startswith("### Already in the library")
    assert "Save" not in buttons(known.response.components if known.response else [])


async def test_another_server_does_not_learn_what_is_known_here(world: World) -> None:
    world.web.put(LINK, page())
    await press(world, await fetch(world), "Save")
    there = await world.stranger.slash(world.other_channel, "article fetch", url=LINK)
    assert "Save this article?" in shown(there)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><body><div id=app></div></body></html>", "no article was found on the page"),
        ("<html><body><p>Subscribe to continue reading</p></body></html>", "the rest is for subscribers"),
        (b"\x89PNG\r\n\x1a\n....", "this is a picture"),
        (None, "has no such page"),
    ],
)
async def test_where_nothing_can_be_read_the_text_can_be_pasted(
    world: World, body: str | bytes | None, reason: str
) -> None:
    if body is not None:
        world.web.put(LINK, body)
    answer = await fetch(world)
    assert reason in shown(answer).replace("\\", "")
    form = await press(world, answer, "Paste the text")
    assert values(form) == [None, None, None, LINK, None]
    assert "Added" in shown(await submit(world, form, title="Zeppelin", text=" ".join(PARAGRAPHS)))


@pytest.mark.parametrize("link", ["http://127.0.0.1/", "file:///etc/passwd", "http://user@gazette.org/", "nonsense"])
async def test_a_link_that_leads_nowhere_public_is_refused_in_a_sentence(world: World, link: str) -> None:
    answer = await fetch(world, link)
    assert answer.ephemeral
    assert shown(answer).startswith("### Nothing was saved")
    assert world.web.asked == []


async def test_a_member_who_may_not_add_articles_does_not_see_the_menu(world: World) -> None:
    message = await world.member.send(world.channel, LINK)
    with pytest.raises(simcord.SetupError):
        await world.member.context_menu(world.channel, "Save as article", message)


async def test_the_menu_of_a_message_takes_its_first_link(world: World) -> None:
    world.web.put(LINK, page())
    message = await world.member.send(world.channel, f"Look, <{LINK}>, and https://elsewhere.org/x too!")
    preview = await world.admin.context_menu(world.channel, "Save as article", message)
    assert "**Zeppelin over Novgorod** · The Gazette" in shown(preview)
    assert world.web.asked == [LINK]


async def test_the_menu_of_a_message_without_a_link_takes_its_text(world: World) -> None:
    text = "Zeppelin over Novgorod\n\n" + "\n\n".join(PARAGRAPHS)
    message = await world.member.send(world.channel, text)
    preview = await world.admin.context_menu(world.channel, "Save as article", message)
    assert "**Zeppelin over Novgorod**" in shown(preview)
    assert world.web.asked == []
    await press(world, preview, "Save")
    assert (await world.newsdesk.article(world.guild.id, "1")).text == text


async def test_files_of_every_kind_are_told_by_their_content_and_one_that_is_bad_harms_no_other(world: World) -> None:
    answer = await world.admin.slash(
        world.channel,
        "article upload",
        file=("zeppelin.html", page().encode()),
        file2=("print.pdf", pdf([["A barge ran aground in the harbour on Monday.", "Nobody was hurt."]])),
        file3=("draft.txt", docx([paragraph("Kelp overtakes potatoes", style="Titel"), "It sold well last year."])),
        file4=("photo.txt", b"\x89PNG\r\n\x1a\n...."),
        file5=("plain.txt", b"The council met on Tuesday."),
        file6=("again.md", b"The council met on Tuesday."),
        file7=("locked.pdf", b"%PDF-1.4 nothing"),
    )
    lines = shown(answer).split("\n")
    assert lines[0] == "### 4 of 7 files added"
    assert [line.rpartition(":")[2].strip() for line in lines[1:4]] == ["added"] * 3
    assert "**Zeppelin over Novgorod** · The Gazette" in lines[1]
    assert "**Kelp overtakes potatoes**" in lines[3]
    assert lines[4].startswith("• **photo.txt**: this is a picture")
    assert lines[6].endswith("already in the library")
    assert lines[7].startswith("• **locked.pdf**: the PDF is damaged")
    assert "ran aground" in (await found(world, "barge harbour")).replace("**", "")


async def test_files_that_are_too_much_together_are_refused_before_any_is_fetched(world: World) -> None:
    half = b"x" * (MAX_BYTES_IN_ALL // 2 + 1)
    answer = await world.admin.slash(world.channel, "article upload", file=("a.txt", half), file2=("b.txt", half))
    assert "25.0 MiB together; 25 MiB is the most" in shown(answer)
    assert "15 articles" not in shown(await world.admin.slash(world.channel, "help"))


async def test_ten_files_fit_one_command(world: World) -> None:
    files = {
        f"file{n if n > 1 else ''}": (f"{n}.txt", f"Story number {n}, told {n} times.".encode()) for n in range(1, 11)
    }
    answer = await world.admin.slash(world.channel, "article upload", **files)
    assert shown(answer).startswith("### 10 of 10 files added")


async def test_a_preview_shows_text_as_written_and_pings_nobody(world: World) -> None:
    hostile = [
        "@everyone [click](https://evil.org) <@1> **bold** said the mayor of this town, twice and very loudly.",
        *PARAGRAPHS,
    ]
    world.web.put(LINK, page([text.replace("<", "&lt;") for text in hostile]))
    text = shown(await fetch(world))
    assert "\\@everyone \\[click\\]\\(https\\://evil.org\\)" in text


async def test_menus_of_a_message_are_at_most_five(world: World) -> None:
    menus = list(world.client.tree.get_commands(type=discord.AppCommandType.message))
    assert "Save as article" in [menu.name for menu in menus]
    assert len(menus) <= 5


async def test_an_article_saved_before_by_hand_is_known_by_its_link(world: World) -> None:
    await world.newsdesk.add(world.guild.id, Document("typed", "By hand", " ".join(PARAGRAPHS), url=HOME))
    assert "By hand" in shown(await fetch(world))
