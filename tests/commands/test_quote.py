"""/quote, as a person in the channel sees it."""

from __future__ import annotations

import simcord

from tests.commands.conftest import World, button, buttons, shown


async def test_the_answer_is_a_verbatim_passage_with_its_source(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="referendum")
    card = shown(result)
    assert result.ephemeral
    assert "**referendum**" in card.lower() or "**referendums**" in card.lower()
    assert "Newsdesk Starter Library" in card
    assert "`#S" in card


async def test_public_shows_the_answer_to_everyone(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="referendum", public=True)
    assert not result.ephemeral
    assert len(world.channel.history()) == 1


async def test_next_and_previous_turn_the_pages_of_the_same_results(world: World) -> None:
    first = await world.member.slash(world.channel, "quote", query="peace talks")
    assert first.response is not None
    assert "1 of 10" in shown(first)
    assert buttons(first.response.components)["Previous"]["disabled"]
    one = shown(first)
    await world.member.click(first.response, custom_id=button(first, "Next"))
    assert "2 of 10" in shown(first)
    assert shown(first) != one
    await world.member.click(first.response, custom_id=button(first, "Previous"))
    assert shown(first) == one


async def test_context_shows_the_sentences_around_to_the_same_person(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="referendum")
    assert result.response is not None
    context = await world.member.click(result.response, custom_id=button(result, "Context"))
    assert context.ephemeral
    assert len(shown(context)) > len(shown(result)) / 2
    assert "**" in shown(context)


async def test_share_posts_the_quote_to_the_channel_without_pinging(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="referendum")
    assert result.response is not None
    await world.member.click(result.response, custom_id=button(result, "Share"))
    assert len(world.channel.history()) == 1
    last = world.channel.last_message
    assert last is not None
    assert not last.mentions
    assert "Shared by member" in str([component.to_dict() for component in last.components])


async def test_only_the_person_who_asked_can_press_the_buttons(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="peace talks", public=True)
    assert result.response is not None
    before = shown(result)
    pressed = await world.admin.click(result.response, custom_id=button(result, "Next"))
    assert pressed.ephemeral
    assert "Only the person who asked" in shown(pressed)
    assert shown(result) == before


async def test_the_buttons_work_after_a_restart(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="peace talks", public=True)
    assert result.response is not None
    await world.env.restart_bot()
    await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "2 of 10" in shown(result)


async def test_without_a_query_there_is_a_quote_by_chance_and_another(world: World) -> None:
    result = await world.member.slash(world.channel, "quote")
    assert result.response is not None
    assert "A quote by chance" in shown(result)
    first = shown(result)
    for _ in range(5):
        await world.member.click(result.response, custom_id=button(result, "Another"))
    assert "A quote by chance" in shown(result)
    assert first  # five draws of the same passage would be a chance of less than one in a million


async def test_another_keeps_the_limits_it_was_asked_with(world: World) -> None:
    form = await world.admin.slash(world.channel, "article add")
    await submit(world, form, title="Zeppelin", outlet="The Gazette", text="A zeppelin landed at dawn.")
    result = await world.admin.slash(world.channel, "quote", source="gazette")
    assert result.response is not None
    for _ in range(4):
        await world.admin.click(result.response, custom_id=button(result, "Another"))
        assert "zeppelin" in shown(result)


async def test_words_too_common_to_search_for_are_named(world: World) -> None:
    assert "too common" in shown(await world.member.slash(world.channel, "quote", query="the of and"))


async def test_nothing_found_names_the_nearest_words_of_the_library(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="refferendum")
    assert "Nothing in the library matches" in shown(result)
    assert "**referendum**" in shown(result)


async def test_limits_by_outlet_and_date_hold(world: World) -> None:
    elsewhere = await world.member.slash(world.channel, "quote", query="referendum", source="Nobody's Gazette")
    assert "within those limits: source “Nobody's Gazette”." in shown(elsewhere)
    late = await world.member.slash(world.channel, "quote", query="call", since="2030")
    assert "within those limits: since 1 January 2030." in shown(late)
    known = await world.member.slash(world.channel, "quote", query="call", since="2025-02", until="2025-02")
    assert "February 2025" in shown(known)


async def test_limits_may_be_typed_in_the_query(world: World) -> None:
    late = await world.member.slash(world.channel, "quote", query='call since:2030 source:"Starter Library"')
    assert "within those limits: source “Starter Library”, since 1 January 2030." in shown(late)
    known = await world.member.slash(world.channel, "quote", query="call since:February 2025 until:2025-02")
    assert "February 2025" in shown(known)


async def test_options_win_over_what_is_typed(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="call since:2030", since="2025-02", until="2025-02")
    assert "February 2025" in shown(result)


async def test_a_speaker_narrows_the_quotes_to_what_that_person_says(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="trump", speaker="zelensk")
    assert spoken_by_zelensky(shown(result))
    typed = await world.member.slash(world.channel, "quote", query="trump speaker:zelensk")
    assert shown(typed).partition("\n-# ")[0] == shown(result).partition("\n-# ")[0]
    nobody = await world.member.slash(world.channel, "quote", query="peace", speaker="Nobody")
    assert "within those limits: speaker “Nobody”." in shown(nobody)


async def test_limits_typed_without_words_give_a_quote_by_chance_and_another(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="speaker:zelensk")
    assert result.response is not None
    for _ in range(4):
        assert "A quote by chance" in shown(result)
        assert spoken_by_zelensky(shown(result))
        await world.member.click(result.response, custom_id=button(result, "Another"))


def spoken_by_zelensky(card: str) -> bool:
    return any(line.startswith("— **") and "Zelensky" in line for line in card.splitlines())


async def test_nothing_but_exclusions_is_nothing_to_look_for(world: World) -> None:
    for query in ("-referendum", '-"peace talks"'):
        card = shown(await world.member.slash(world.channel, "quote", query=query))
        assert "only says what to leave out" in card


async def test_a_phrase_of_stop_words_alone_is_nothing_to_look_for(world: World) -> None:
    assert "too common" in shown(await world.member.slash(world.channel, "quote", query='"to be or not to be"'))


async def test_a_phrase_not_found_says_that_it_must_occur_word_for_word(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "quote", query='"zeppelin xylophones" -fish'))
    assert "word for word" in card
    assert "a minus" in card


async def test_a_date_that_cannot_be_read_is_explained(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="call", since="the other day")
    assert result.ephemeral
    assert "is not a date I can read" in shown(result)


async def test_outlets_are_offered_as_you_type(world: World) -> None:
    choices = await world.member.autocomplete(world.channel, "quote", "source", "starter")
    assert [choice["value"] for choice in choices] == ["Newsdesk Starter Library"]


async def test_a_removed_article_is_gone_from_results_shown_before(world: World) -> None:
    article_text = "The zeppelin landed in Novgorod at dawn. Nobody there had expected a zeppelin."
    result = await _add_and_find(world, article_text)
    await world.admin.slash(world.channel, "article remove", article="1")
    assert result.response is not None
    context = await world.admin.click(result.response, custom_id=button(result, "Context"))
    assert "has been removed" in shown(context)


async def _add_and_find(world: World, text: str) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "article add")
    await submit(world, form, title="Zeppelin", text=text)
    return await world.admin.slash(world.channel, "quote", query="zeppelin")


async def submit(world: World, form: simcord.InteractionResult, **fields: str) -> simcord.InteractionResult:
    """Fill the form in by its labels, leave the rest empty, and send it."""
    assert form.modal is not None
    values = {}
    for label in form.modal["components"]:
        component = label["component"]
        values[component["custom_id"]] = fields.get(label["label"].lower(), component.get("value", ""))
    return await world.admin.submit_modal(form, values)


async def test_context_shows_paragraphs_without_their_list_marks(world: World) -> None:
    await submit(
        world,
        await world.admin.slash(world.channel, "article add"),
        title="Points",
        text="- The ferry stays in port.\n- A zeppelin landed at dawn.\n- The hall is closed.\n",
    )
    result = await world.admin.slash(world.channel, "quote", query="zeppelin")
    assert result.response is not None
    context = await world.admin.click(result.response, custom_id=button(result, "Context"))
    lines = shown(context).splitlines()
    assert lines[:3] == ["> The ferry stays in port.", "> **A zeppelin landed at dawn.**", "> The hall is closed."]
