"""The demo's framework, positions and question pool are complete, consistent and fair to the reader."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONTENT = ROOT / "src" / "karmayogi" / "journeys" / "demo" / "content"
POOLS = ("tender-evaluation", "noting-drafting", "grievance-handling")
LANGUAGES = ("en", "hi", "ur")
LETTERS = ("a", "b", "c", "d")
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
ARABIC = re.compile(r"[\u0600-\u06ff]")
# Words and forms that the project's style of plain, gender-neutral Hindi and Urdu leaves out.
OUT_OF_STYLE = re.compile(r"हेतु|एवं|(?<!\S)तथा(?!\S)|सकते हैं|सकती हैं|करेंगे|क्लिक|!|کیلئے|[يك\u0647]")


def load(*parts: str):
    return json.loads(CONTENT.joinpath(*parts).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def framework() -> dict:
    return load("framework.json")


@pytest.fixture(scope="module")
def positions() -> list[dict]:
    return load("positions.json")


@pytest.fixture(scope="module")
def pools() -> dict[str, list[dict]]:
    return {name: load("items", f"{name}.json") for name in POOLS}


def texts(node) -> list[dict]:
    """Every translated text under `node`: the dicts that carry an "en" key."""
    if isinstance(node, dict):
        found = [node] if "en" in node else []
        return found + [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return []


def requirements(position: dict) -> list[dict]:
    return [
        requirement
        for role in position["roles"]
        for activity in role["activities"]
        for requirement in activity["requirements"]
    ]


def share_of_longest_right(items: list[dict], language: str) -> float:
    """Share of items, 0 to 1, whose right option is the longest one; ties count as longest."""
    hits = 0
    for item in items:
        lengths = {option["key"]: len(option["text"][language]) for option in item["options"]}
        hits += lengths[item["right"]] == max(lengths.values())
    return hits / len(items)


def test_every_text_stands_in_english_and_hindi(framework, positions, pools):
    for text in texts([framework, positions, pools]):
        assert text["en"].strip() == text["en"] != ""
        assert text["hi"].strip() == text["hi"] != ""
        assert not DEVANAGARI.search(text["en"])


def test_names_of_the_framework_and_titles_of_positions_stand_in_urdu_too(framework, positions):
    named = [framework["title"]]
    named += [level["name"] for level in framework["levels"]]
    named += [competency["name"] for competency in framework["competencies"]]
    named += [position["title"] for position in positions]
    assert all(ARABIC.search(name["ur"]) for name in named)


def test_hindi_and_urdu_keep_to_the_style(framework, positions, pools):
    for text in texts([framework, positions, pools]):
        for language in ("hi", "ur"):
            assert not OUT_OF_STYLE.search(text.get(language, "")), text


def test_the_framework_has_twelve_competencies_of_three_kinds(framework):
    kinds = Counter(competency["kind"] for competency in framework["competencies"])
    assert kinds == {"functional": 7, "domain": 2, "behavioural": 3}
    assert len({competency["key"] for competency in framework["competencies"]}) == 12


def test_each_competency_describes_the_five_levels_differently(framework):
    assert [level["number"] for level in framework["levels"]] == [1, 2, 3, 4, 5]
    for competency in framework["competencies"]:
        assert [level["number"] for level in competency["levels"]] == [1, 2, 3, 4, 5]
        assert len({level["text"]["en"] for level in competency["levels"]}) == 5
        assert len({level["text"]["hi"] for level in competency["levels"]}) == 5


def test_positions_ask_only_for_competencies_and_levels_of_the_framework(framework, positions):
    keys = {competency["key"] for competency in framework["competencies"]}
    for position in positions:
        for requirement in requirements(position):
            assert requirement["competency"] in keys
            assert requirement["level"] in {1, 2, 3, 4, 5}
            assert isinstance(requirement["essential"], bool)


def test_positions_have_two_or_three_roles_and_four_to_eight_competencies(positions):
    assert len({position["key"] for position in positions}) == len(positions) >= 24
    for position in positions:
        assert 2 <= len(position["roles"]) <= 3
        assert all(1 <= len(role["activities"]) <= 3 for role in position["roles"])
        assert 4 <= len({asked["competency"] for asked in requirements(position)}) <= 8
        assert any(asked["essential"] for asked in requirements(position))


def test_a_position_asks_one_level_of_each_competency(positions):
    for position in positions:
        asked = {(r["competency"], r["level"], r["essential"]) for r in requirements(position)}
        assert len(asked) == len({competency for competency, _, _ in asked}), position["key"]


def test_every_competency_is_asked_by_some_position(framework, positions):
    asked = {r["competency"] for position in positions for r in requirements(position)}
    assert asked == {competency["key"] for competency in framework["competencies"]}


def test_the_pool_holds_sixty_questions_twenty_for_each_competency(framework, pools):
    keys = {competency["key"] for competency in framework["competencies"]}
    assert keys >= set(pools)
    assert [len(items) for items in pools.values()] == [20, 20, 20]
    assert len({item["key"] for items in pools.values() for item in items}) == 60


def test_each_question_has_four_different_options_and_one_right_one(pools):
    for item in (item for items in pools.values() for item in items):
        assert tuple(option["key"] for option in item["options"]) == LETTERS
        assert item["right"] in LETTERS
        for language in LANGUAGES:
            assert len({option["text"][language] for option in item["options"]}) == 4, item["key"]


def test_no_two_questions_share_a_stem(pools):
    items = [item for pool in pools.values() for item in pool]
    for language in LANGUAGES:
        stems = {re.sub(r"\W+", " ", item["stem"][language]).casefold() for item in items}
        assert len(stems) == 60


@pytest.mark.parametrize("pool", POOLS)
def test_the_place_of_the_right_option_gives_nothing_away(pools, pool):
    places = Counter(item["right"] for item in pools[pool])
    assert all(3 <= places[letter] <= 7 for letter in LETTERS), places


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pool", POOLS)
def test_the_longest_option_is_seldom_the_right_one(pools, pool, language):
    assert share_of_longest_right(pools[pool], language) < 0.45


@pytest.mark.parametrize("pool", POOLS)
def test_questions_cover_three_or_four_areas_and_all_five_levels(pools, pool):
    areas = Counter(item["area"] for item in pools[pool])
    assert len(areas) in {3, 4}
    assert min(areas.values()) >= 4
    assert Counter(item["level"] for item in pools[pool]) == {1: 4, 2: 4, 3: 4, 4: 4, 5: 4}


@pytest.mark.parametrize("pool", POOLS)
def test_starting_parameters_are_the_authors_and_rise_with_the_level(pools, pool):
    hardest_so_far = -3.0
    for level in range(1, 6):
        items = [item for item in pools[pool] if item["level"] == level]
        assert all(item["parameters"] == "author" for item in items)
        assert all(0.7 <= item["a"] <= 1.9 for item in items)
        assert all(hardest_so_far < item["b"] < 3.0 for item in items)
        hardest_so_far = max(item["b"] for item in items)


def test_amounts_are_grouped_in_the_indian_way_and_agree_between_the_languages(pools):
    amount = re.compile(r"₹[\d,]+\d")
    indian = re.compile(r"₹\d{1,3}|₹\d{1,2}(,\d{2})*,\d{3}")
    for text in texts(pools):
        assert all(indian.fullmatch(found) for found in amount.findall(text["en"])), text["en"]
        assert sorted(amount.findall(text["en"])) == sorted(amount.findall(text["hi"])), text["en"]
