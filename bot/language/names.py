"""What a name in an article stands for: "Trump" is "Donald Trump" where the article says so once.

Used by interview turns and by speech. Only the article itself is evidence; a surname two people share stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

_TITLE_WORDS = """
mr mrs ms miss mx dr prof professor sir dame lord lady madam king queen prince princess pope president vice premier
chancellor prime minister foreign defense defence interior finance secretary senator sen congressman congresswoman
representative rep governor gov mayor ambassador general gen colonel col lieutenant lt major maj captain capt sergeant
sgt admiral adm commander cmdr chief justice judge attorney speaker chairman chairwoman chair director spokesman
spokeswoman spokesperson adviser advisor candidate nominee leader coach detective officer sheriff rev reverend
archbishop bishop cardinal father sister brother state treasury press deputy acting former ex-president then-president
ex-prime late then first lady democrat republican democratic independent socialist conservative labour
lieutenant-general special envoy ceo founder author host analyst correspondent
"""
TITLES: Final = frozenset(_TITLE_WORDS.split())
_PARTICLE_WORDS = "de van von der den bin ibn al la le du di da dos del ten ter y"
PARTICLES: Final = frozenset(_PARTICLE_WORDS.split())
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_NOT_PEOPLE_WORDS = """
ministry department university college house party street times post news council union nations states agency bureau
committee commission court
office institute association company corp inc group bank church school hospital center
centre foundation fund force forces army navy police service services press journal magazine review tower hotel park
square avenue road river sea ocean island islands mountain city county district province region republic kingdom
federation alliance league team club act bill law plan deal treaty war day week street-journal north south east west
new united national international european federal supreme white television tv radio network media campaign
administration government congress senate parliament assembly board authority organization organisation summit
conference convention forum project program programme initiative security policy study research airport station bridge
january february march april may june july august september october november december monday tuesday wednesday
thursday friday saturday sunday christmas easter
"""
NOT_PEOPLE: Final = frozenset(_NOT_PEOPLE_WORDS.split())
_OPENING_WORDS = """
the a an he she it they we i you his her its their our my your this that these those there here but and or so in on at
as if when while after before since then however although though because for from with by not no now some many most all
both each every few several another other what who why how where which is are was were do does did can could would
should let also only even still yet meanwhile later earlier today yesterday once during despite according last next to
one two three instead until unless whether perhaps like between among under over about against asked said says
has have had may might must will shall
"""
OPENING: Final = frozenset(_OPENING_WORDS.split())
_WORD = re.compile(r"[^\W\d_][\w’'-]*\.?")
_RUNS = re.compile(  # all that can hold a run of capitalised words: each word is tried once, from its first capital
    rf"(?<![\w’'-])[\d_a-z’'-]*+([^\W\d_a-z][\w’'-]*+\.?"
    rf"(?>(?: (?>(?:(?:{'|'.join(sorted(PARTICLES))}) )*)[^\W\d_a-z][\w’'-]*+\.?)+))"
)
_DEMONYM = re.compile(r"\w+(?:ian|ean|ican|ish|ese|man|ch)$")
_MOST_NAME_WORDS, _MOST_RUN_WORDS = 4, 16  # of a name, and of one with its titles
_HEADLINE_SHARE = 0.6  # of a line's words capitalised: a headline, where every word looks like a name


def full_names(text: str) -> dict[str, str]:
    """For each surname (and each shorter form of a name) of ``text`` the fullest name it stands for there.

    A surname with two different first names is left out.
    """
    forms: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for line in text.split("\n"):
        for name in _line_names(line):
            forms[_surname(name)].add(name)
    known: dict[str, str] = {}
    for surname, names in forms.items():
        if len({name[0] for name in names}) > 1:
            continue
        fullest = max((" ".join(name) for name in sorted(names)), key=lambda name: (name.count(" "), len(name)))
        known |= {" ".join(name): fullest for name in names}
        known[surname] = fullest
    return known


def without_titles(mention: str) -> str:
    """A mention of a person without what stands before and after the name: "the Hon. Sen. Ruiz’s" -> "Ruiz"."""
    return " ".join(_bare(re.sub(r"[’']s$", "", mention).split()))


def _bare(words: list[str]) -> list[str]:
    """``words`` from after the last title, less articles and, before a full name, nationality."""
    if words and _plain(words[-1]) in NOT_PEOPLE:  # an organisation: "the French Foreign Ministry"
        return words[_plain(words[0]) == "the" :]
    last_title = max((i for i, word in enumerate(words) if _plain(word) in TITLES), default=-1)
    words = words[last_title + 1 :]
    while words and _plain(words[0]) in OPENING:
        words = words[1:]
    while len(words) > 2 and _DEMONYM.match(_plain(words[0])):
        words = words[1:]
    return words


def _plain(word: str) -> str:
    return word.lower().rstrip(".,")


def _surname(name: tuple[str, ...]) -> str:
    return name[-2] if len(name) > 2 and _plain(name[-1]) in _SUFFIXES else name[-1]


def _line_names(line: str) -> list[tuple[str, ...]]:
    """The full names (two to four words) of a line."""
    chunks = _RUNS.findall(line)
    if not chunks:
        return []
    words = line.split()
    capitals = sum(word[0].isupper() for word in words)
    ended = line.rstrip(" ”’\"')*").endswith((".", "!", "?", ":", "…"))
    if len(words) > 2 and capitals > _HEADLINE_SHARE * len(words) and not ended:
        return []
    names = (tuple(_bare(run)) for chunk in chunks for run in _capital_runs(chunk) if len(run) <= _MOST_RUN_WORDS)
    return [name for name in names if 2 <= len(name) <= _MOST_NAME_WORDS and _is_person(name)]


def _is_person(name: tuple[str, ...]) -> bool:
    return (
        not any(_plain(word) in NOT_PEOPLE or _plain(word) in OPENING for word in name)
        and len(name[-1]) > 1
        and not name[-1].endswith(".")
        and not (name[-1].isupper() and len(name[-1]) < 5)
    ) or (_plain(name[-1]) in _SUFFIXES and len(name) > 2)


def _capital_runs(line: str) -> list[list[str]]:
    """Runs of capitalised words with nothing but one space, an initial's stop or a particle between them."""
    runs: list[list[str]] = []
    run: list[str] = []
    run_end = -2
    for match in _WORD.finditer(line):
        word = match[0]
        stops = word.endswith(".") and not (len(word) == 2 or _plain(word) in TITLES or _plain(word) in _SUFFIXES)
        possessive = word.endswith(("’s", "'s", "’", "'"))
        bare = word.rstrip("’'") if not possessive or word[-1] != "s" else word[:-2]
        bare = bare.rstrip(".") if stops else bare
        joined = run and match.start() == run_end + 1 and line[run_end] == " "
        if not joined and run:
            runs.append(run)
            run = []
        if bare[0].isupper() or (run and bare in PARTICLES):
            run.append(bare)
            run_end = match.end()
            if stops or possessive:
                runs.append(run)
                run = []
        elif run:
            runs.append(run)
            run = []
    if run:
        runs.append(run)
    return [run for run in runs if len(run) > 1]
