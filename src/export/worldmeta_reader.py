"""Balances image-text pairs while they are loaded, with the lists that lie beside this file.

Most captions of a pool say the same few things. Balancing keeps the captions of rare things and
a share of those that hold common ones only: each entry of a language's list (a word, a phrase, a
title) has a probability, min(1, t / count), and a caption stays if any of the entries that it
matches keeps it, that is with probability 1 - (1 - p1) * (1 - p2) * ... What matches nothing goes.

`worldmeta export metaclip` writes the folder that this file is part of. Copy the folder anywhere;
nothing but NumPy need be installed.

    from worldmeta_reader import Balancer

    balancer = Balancer("curator", seed=0)
    decision = balancer.decide("a photo of two dogs", id="img-1", lang="en")
    if decision.kept:
        train_on(image, decision.text)

The same seed and id give the same decision in every process, order and sharding, and the same as
`worldmeta curate`: what an image draws is a hash of seed and id. Another seed is another draw; take
one for each epoch, so that over the epochs a model sees more of what is common.

    Balancer          decides row by row; its `webdataset_filter` is a step of a pipeline
    BalancedDataset   any dataset with a length and indexes, balanced anew for each epoch
    Decision          what became of a row, and why

Lists are loaded when a language first asks for them and are not changed after that: threads may
share a Balancer, forked processes share its memory, and a pickled one only names its folder.

Characters are told by the tables in `matching.json`, so that every Python cuts texts alike. One
thing is left to Python's own `unicodedata`: normal forms. They never change for a character once
it is assigned; marks that are newer than your Python are left in the order in which they stand.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from hashlib import sha256
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import numpy

__all__ = ["BalancedDataset", "Balancer", "Decision"]

#: The group of captions whose label leads to no list of its own.
OTHER = "other"

#: Longest text, in bytes of UTF-8. No caption is that long; what is, is a page, or data.
MAX_TEXT_BYTES = 64 << 10


class Decision(NamedTuple):
    """What became of a row.

    kept          whether the image stays, with `text`
    text          the text that was drawn from those that match; None if none does
    matches       ids of the entries that it matches, ascending: positions in the group's list
    probability   with which it stays; 0 if nothing matches
    reason        "kept", "not drawn", "no match", or "no list" where the folder has none of it
    id            what the draws were made from
    group         whose list the texts met
    drawn         which of the texts given was drawn, from 0; None if none matches
    """

    kept: bool
    text: Optional[str]
    matches: list[int]
    probability: float
    reason: str
    id: str
    group: str
    drawn: Optional[int] = None

    def __bool__(self) -> bool:
        """True if the image stays, so that a decision may be a filter's answer."""
        return self.kept


class Balancer:
    """Decides which images stay, and with which of their texts.

    directory   the folder of `worldmeta export metaclip`; by default the one this file lies in
    seed        a whole number of at least 0
    scheme      what labels of languages mean: "lid.176", "iso639-3", "nllb", "edition" (codes of
                Wikipedia's editions, BCP 47 tags) or "worldmeta" (what `worldmeta identify` says);
                by default as when the captions were counted

    Raises ValueError, in one line, if the folder is no such export.
    """

    def __init__(
        self,
        directory: Union[str, Path, None] = None,
        seed: int = 0,
        scheme: Optional[str] = None,
    ) -> None:
        self.directory = Path(directory) if directory is not None else Path(__file__).parent
        self.seed = _check_seed(seed)
        manifest = _read_export(self.directory, "manifest.json", "worldmeta-metaclip-1")
        self._rules = _read_export(self.directory, "matching.json", "worldmeta-matching-1")
        #: By what rule entries match: "corrected", or "reference", which is the published one.
        self.profile: str = self._rules["profile"]
        self.scheme: str = self._rules["scheme"] if scheme is None else scheme
        self._labels = _Labels(self._rules, self.scheme)
        self._named_t = manifest["named"]["t"]
        self._records = {record["group"]: record for record in manifest["lists"]}
        self._lists: dict[str, _List] = {}

    @property
    def groups(self) -> list[str]:
        """The groups of languages whose lists the folder has."""
        return list(self._records)

    def with_seed(self, seed: int) -> Balancer:
        """The same lists, which both share, with another seed."""
        other = Balancer.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.seed = _check_seed(seed)
        return other

    def decide(self, texts: Any, id: Any = None, url: Any = None, lang: Any = None) -> Decision:
        """Matches the texts of an image, draws one of those that match and decides if it stays.

        texts   one text, or several that all belong to the image; what is no string, empty, longer
                than 64 KiB, binary or data (base64) is left out, as `worldmeta count` does
        id      names the image, and no other; a number stands for its digits. A row without id is
                named by SHA-256 of its URL and its texts.
        lang    label of the texts' language, or a list with that of each text; None, and labels
                that lead to no list of their own, lead to the list "other"
        """
        return self._draw(self._match_row(texts, id, url, lang), self.seed)

    def keep(self, id: Any, matches: Iterable[Sequence[int]], group: str) -> Decision:
        """Decides as `decide` does from matches that are known already: the fast way.

        matches   of each text of the image the ids of its entries, each once
        group     whose list the ids belong to

        The texts are not known here, so the decision has none; `drawn` says which it is.
        """
        name = _to_label(id)
        if name is None:
            raise ValueError("keep() needs an id: there are no texts to name the row by")
        entries = self._list_of(group)
        found = []
        if entries is not None:
            checked = [entries.check_ids(ids) for ids in matches]
            found = [_Match(at, None, ids, group, entries) for at, ids in enumerate(checked) if ids]
        return self._draw(_Row(name, group, entries is not None, found), self.seed)

    def match(self, text: str, group: str) -> list[int]:
        """Ids of the entries of a group's list that a text matches, ascending."""
        entries = self._list_of(group)
        if entries is None:
            raise KeyError(f"{self.directory}: no list of {group}; there are {_few(self.groups)}")
        return entries.match(_well_formed(text))

    def entries(self, group: str) -> list[str]:
        """The entries of a group's list; ids are positions."""
        path = self.directory / "metadata" / f"{self._records[group]['code']}.json"
        entries: list[str] = json.loads(path.read_bytes())
        return entries

    def group_of(self, label: Any) -> str:
        """The group whose list captions with this label meet."""
        known = _to_label(label)
        return (None if known is None else self._labels.group_of(known)) or OTHER

    def webdataset_filter(
        self,
        text_key: str = "txt",
        json_key: str = "json",
        *,
        texts_field: Optional[str] = None,
        id_fields: Sequence[str] = ("id", "uid", "key"),
        url_field: str = "url",
        lang_field: str = "lang",
        lang: Optional[str] = None,
    ) -> Callable[[Mapping[str, Any]], Optional[dict[str, Any]]]:
        """A function for `.map` of a WebDataset pipeline: samples that do not stay are dropped.

            WebDataset(shards).map(balancer.webdataset_filter(lang="en")).decode("rgb")

        Before `.decode`, as here, nobody decodes images that are dropped; it works behind it, too.
        The text that was drawn takes the place of the sample's. (With `.select` the same samples
        stay, but their texts as they are.)

        text_key      member of a sample that holds its text
        json_key      member that holds the fields below; a sample need not have it
        texts_field   field with a list of texts, in place of the text in `text_key`
        id_fields     the first of these that a sample has is its id; else `__key__` is
        lang          label of samples that have none in `lang_field`
        """
        names = _Names(text_key, json_key, texts_field, tuple(id_fields), url_field, lang_field)
        return partial(_balance_sample, self, names, lang)

    def _match_row(self, texts: Any, id: Any, url: Any, lang: Any) -> _Row:
        usable = _usable_texts(texts)
        name = _to_label(id)
        if name is None:
            name = _name_row(_to_label(url), [text for _, text in usable])
        labels = lang if isinstance(lang, (list, tuple)) else None
        met, listed = [], None
        for at, text in usable or [(0, "")]:
            label = lang if labels is None else labels[at] if at < len(labels) else None
            group = self.group_of(label)
            entries = self._list_of(group)
            if entries is not None and listed is None:
                listed = group
            met.append((at, text, group, entries))
        found = [
            _Match(at, text, ids, group, entries)
            for at, text, group, entries in met
            if entries is not None and (ids := entries.match(text))
        ]
        return _Row(name, met[0][2] if listed is None else listed, listed is not None, found)

    @staticmethod
    def _draw(row: _Row, seed: int) -> Decision:
        name, group, listed, found = row
        if not found:
            reason = "no match" if listed else "no list"
            return Decision(False, None, [], 0.0, reason, name, group)
        keep, pick = _draws_of(name, seed)
        position, text, ids, group, entries = found[int(pick * len(found))]
        probability = entries.keep_any(ids)
        kept = keep < probability
        reason = "kept" if kept else "not drawn"
        return Decision(kept, text, ids, probability, reason, name, group, position)

    def _list_of(self, group: str) -> Optional[_List]:
        entries = self._lists.get(group)
        if entries is None and group in self._records:
            entries = self._lists[group] = self._load(group)
        return entries

    def _load(self, group: str) -> _List:
        record = self._records[group]
        entries = self.entries(group)
        folder = self.directory / "index_json" / "per_lang_t"
        probabilities = numpy.load(folder / f"{self._named_t}_{record['code']}.npy")
        if not len(entries) == len(probabilities) == record["entries"]:
            raise ValueError(f"{self.directory}: files of different exports; see worldmeta verify")
        rule = _PublishedRule if self.profile == "reference" else _CorrectedRule
        return _List(entries, probabilities, rule(self._rules, group))

    def __reduce__(self) -> tuple[Any, ...]:
        # Lists stay behind: they are large, and lie on disk where it is unpickled.
        return type(self), (self.directory, self.seed, self.scheme)

    def __repr__(self) -> str:
        return f"Balancer({str(self.directory)!r}, seed={self.seed}, scheme={self.scheme!r})"


class BalancedDataset:
    """What an epoch keeps of a dataset with a length and indexes (PyTorch's "map-style").

        balanced = BalancedDataset(dataset, balancer)
        loader = DataLoader(balanced, shuffle=True)
        for epoch in range(epochs):
            balanced.set_epoch(epoch)
            for item in loader:
                ...

    Texts are matched once, here; an epoch then takes one hash a row. Epoch e draws with the seed of
    the balancer plus e. Workers that outlive an epoch (`persistent_workers`) do not hear of others.

    dataset        gives an item for an index; where items are mappings, the text that was drawn
                   takes the place of their texts
    captions       rows of the same order, mappings of the fields below, for a dataset that is slow
                   to walk through, as one that decodes images is; by default the dataset itself
    text           field of a row's text, or list of texts
    id, url, lang  fields of what else `Balancer.decide` takes, where rows have them
    default_lang   label of rows that have none
    """

    def __init__(
        self,
        dataset: Any,
        balancer: Balancer,
        captions: Optional[Iterable[Mapping[str, Any]]] = None,
        *,
        text: str = "text",
        id: str = "id",
        url: str = "url",
        lang: str = "lang",
        default_lang: Optional[str] = None,
    ) -> None:
        self.dataset = dataset
        self.seed = balancer.seed
        self._text = text
        # Of each row that matches its index, its name, and where its texts that match end in the
        # two lists after them: the positions of the texts, and the probability of each.
        self._rows: list[int] = []
        self._names: list[str] = []
        self._ends: list[int] = [0]
        self._positions: list[int] = []
        self._probabilities: list[float] = []
        size = 0
        for row in _walk(dataset if captions is None else captions):
            if text not in row:
                raise KeyError(f"row {size} has no field {text!r}; it has {_few(row)}")
            label = _to_labels(row.get(lang), default_lang)
            name, _, _, found = balancer._match_row(row[text], row.get(id), row.get(url), label)
            if found:
                self._rows.append(size)
                self._names.append(name)
                self._positions.extend(match.position for match in found)
                self._probabilities.extend(match.entries.keep_any(match.ids) for match in found)
                self._ends.append(len(self._positions))
            size += 1
        if size != len(dataset):
            raise ValueError(f"{size} rows of captions for a dataset of {len(dataset)}")
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws anew; the same epoch always draws the same."""
        seed = _check_seed(self.seed + epoch)
        kept: list[int] = []
        drawn: list[int] = []
        for at, (row, name) in enumerate(zip(self._rows, self._names)):
            first, end = self._ends[at], self._ends[at + 1]
            keep, pick = _draws_of(name, seed)
            chosen = first + int(pick * (end - first))
            if keep < self._probabilities[chosen]:
                kept.append(row)
                drawn.append(self._positions[chosen])
        #: Indexes in `dataset` of what this epoch keeps, ascending.
        self.indices = numpy.array(kept, dtype=numpy.int64)
        self._drawn = numpy.array(drawn, dtype=numpy.int32)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        item = self.dataset[int(self.indices[index])]
        if not isinstance(item, Mapping) or self._text not in item:
            return item
        texts = item[self._text]
        text = texts if isinstance(texts, str) else texts[int(self._drawn[index])]
        return {**item, self._text: _well_formed(text)}


# ---------------------------------------------------------------------------------------------
# Draws


def _draws_of(name: str, seed: int) -> tuple[float, float]:
    """What a row's id draws, twice from 0 to below 1: whether a text stays, and which text it is.

    Each is 13 hexadecimal digits of SHA-256 of `SEED:ID` as a fraction of 16 ** 13: 52 bits, which
    a double holds exactly.
    """
    digits = sha256(f"{seed}:{name}".encode()).hexdigest()
    return int(digits[:13], 16) / 16**13, int(digits[13:26], 16) / 16**13


def _name_row(url: Optional[str], texts: list[str]) -> str:
    """The name of a row without id."""
    return sha256("\0".join([url or "", *texts]).encode()).hexdigest()


class _Match(NamedTuple):
    """A text of a row that matches: its position there, and the entries of the list it has met."""

    position: int
    text: Optional[str]
    ids: list[int]
    group: str
    entries: _List


class _Row(NamedTuple):
    """A row whose texts have met the lists of their groups, as far as there are some."""

    name: str
    group: str  # of the first text that could meet a list, or of the first
    listed: bool
    found: list[_Match]


# ---------------------------------------------------------------------------------------------
# Matching


class _Cut(NamedTuple):
    """A text, cut where entries may begin and end."""

    text: str
    #: Where the smallest pieces between which an entry can begin or end lie, in order.
    pieces: list[tuple[int, int]]
    #: Of their ends those at which no entry begins, and those at which none ends.
    no_start: Iterable[int]
    no_end: Iterable[int]
    #: Digits that stand alone.
    numbers: list[tuple[int, int]]


class _List:
    """The list of a group, ready to match.

    Wherever a piece begins, an entry may begin; it is looked for piece by piece, and only as long
    as what has been read is the beginning of some entry. So a text costs about two look-ups a word,
    however long the list and its entries are. This finds every entry because a text is cut within
    an entry as the entry is by itself: whether a place is cut depends on the two characters beside
    it alone.
    """

    def __init__(self, entries: list[str], probabilities: Any, rule: Any) -> None:
        self._rule = rule
        # Indexing a view is quick and gives Python's floats, which hold every float32 exactly.
        self._probabilities = probabilities.astype(numpy.float32).data
        self._ids: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._beginnings: set[str] = set()
        for number, entry in enumerate(entries):
            key, ends, is_number = rule.cut_entry(entry)
            # Of entries that are alike the last one's id stays.
            if is_number:
                self._numbers[key] = number
            elif key:
                self._ids[key] = number
                for end in ends:
                    self._beginnings.add(key[:end])

    def match(self, text: str) -> list[int]:
        """Ids of the entries that a text matches, ascending."""
        text, pieces, no_start, no_end, numbers = self._rule.cut(text)
        ids, beginnings = self._ids, self._beginnings
        found = set()
        for start, end in numbers:
            if text[start:end] in self._numbers:
                found.add(self._numbers[text[start:end]])
        for at, (start, end) in enumerate(pieces):
            if start in no_start:
                continue
            read = text[start:end]
            while True:
                if read in ids and end not in no_end:
                    found.add(ids[read])
                at += 1
                if read not in beginnings or at == len(pieces):
                    break
                end = pieces[at][1]
                read = text[start:end]
        return sorted(found)

    def keep_any(self, ids: list[int]) -> float:
        """The probability that one of the entries keeps a text; ascending ids, to the last bit."""
        drop = 1.0
        for number in ids:
            drop *= 1.0 - self._probabilities[number]
        return 1.0 - drop

    def check_ids(self, ids: Sequence[int]) -> list[int]:
        """Ids in ascending order. Raises ValueError if the list has no such entry."""
        if isinstance(ids, numpy.ndarray):
            ids = ids.tolist()
        ids = sorted(ids)
        if ids and not 0 <= ids[0] <= ids[-1] < len(self._probabilities):
            wrong = ids[0] if ids[0] < 0 else ids[-1]
            raise ValueError(f"no entry {wrong} in a list of {len(self._probabilities)}")
        return ids


#: Each class of characters as a letter, so that the classes of a text are a string as long as it.
_CLASS_LETTERS = {
    "space": " ",
    "separator": ".",
    "letter": "a",
    "hebrewLetter": "h",
    "digit": "0",
    "noSpaceLetter": "w",
    "extender": "+",
    "apostrophe": "'",
    "doubleQuote": '"',
    "middleDot": "*",
}
_SIGN = "-"


class _CorrectedRule:
    """The rule of `corrected`: an entry stands between boundaries, which depend on the script.

    Boundaries are white space, marks that bracket, quote, end or separate, and every place beside a
    letter of a script without spaces. Hyphens, slashes and other signs within a word are none, so
    that file names and ids match nothing. An apostrophe between letters is one where a word of the
    language leans on another (l', 's). Digits alone match only where they stand alone.
    """

    #: Combining marks (+) belong to what they follow.
    _PIECE = re.compile(r"""[-ah0][-ah0+]*|[.w'"*]\+*|\++""")
    #: After white space, and before it or a mark that it follows.
    _NUMBER = re.compile(r"""(?<![^ ])0+(?=[.'"*]?(?![^ ]))""")
    #: Marks that may be part of a word.
    _AMBIGUOUS = re.compile(r"""['"*]""")

    def __init__(self, rules: Mapping[str, Any], group: str) -> None:
        self._removed = re.compile(_to_pattern(rules["normalize"]["removed"]))
        self._width = re.compile(_to_pattern(rules["normalize"]["width"]) + "+")
        self._classes = _Classes(rules["classes"])
        own = rules["apostrophes"].get(group, {})
        self._proclitics = frozenset(own.get("proclitics", "").split())
        self._enclitics = frozenset(own.get("enclitics", "").split())
        self._quotes = own.get("quotes", False)

    def cut_entry(self, entry: str) -> tuple[str, list[int], bool]:
        """An entry as it is looked for, where it is cut, and whether it is a number."""
        key = self._normalize(_well_formed(entry))
        if key.isascii() and key.isalpha():
            return key, [], False
        classes = key.translate(self._classes)
        ends = [piece.end() for piece in self._PIECE.finditer(classes)]
        return key, ends[:-1], key != "" and not classes.strip("0")

    def cut(self, text: str) -> _Cut:
        """A text, normalized and cut."""
        text = self._normalize(text)
        classes = text.translate(self._classes)
        pieces = [piece.span() for piece in self._PIECE.finditer(classes)]
        closed: set[int] = set()
        for mark in self._AMBIGUOUS.finditer(classes):
            closed.update(self._closed_by(mark.start(), text, classes))
        numbers = [number.span() for number in self._NUMBER.finditer(classes)]
        return _Cut(text, pieces, closed, closed, numbers)

    def _normalize(self, text: str) -> str:
        """The form in which texts and entries are compared: `languages/normalize.ts`, the same."""
        if not (text.isascii() and text.isprintable()):
            text = self._removed.sub("", text)
            if "\u1361" in text:  # ETHIOPIC WORDSPACE; two of them are a full stop, as often typed
                text = re.sub("\u1361{2,}", "\u1362", text).replace("\u1361", " ")
            text = self._width.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
            text = unicodedata.normalize("NFC", text)
        return " ".join(text.split())

    def _closed_by(self, at: int, text: str, classes: str) -> Iterator[int]:
        """Of the places before and after an ambiguous mark those that are no boundary."""
        left = at
        while left > 0 and classes[left - 1] == "+":
            left -= 1
        right = at + 1
        while right < len(classes) and classes[right] == "+":
            right += 1
        sides = classes[left - 1 : left] + classes[right : right + 1]
        if len(sides) < 2 or not set(sides) <= set("h" if classes[at] == '"' else "ah"):
            return
        leaning = self._leaning_side(at, text, classes) if classes[at] == "'" else "none"
        if leaning not in ("before", "both"):
            yield at
        if leaning not in ("after", "both"):
            yield right

    def _leaning_side(self, at: int, text: str, classes: str) -> str:
        """On which sides of an apostrophe between letters a boundary lies."""
        if self._quotes:
            return "both"
        if self._enclitics:
            end = at + 1
            while end < len(classes) and classes[end] in "ah+":
                end += 1
            if text[at + 1 : end].lower() in self._enclitics:
                return "before"
        if self._proclitics:
            start = at
            while start > 0 and classes[start - 1] in "ah+":
                start -= 1
            while classes[start] == "+":
                start += 1
            if text[start:at].lower() in self._proclitics:
                return "after"
        return "none"


class _PublishedRule:
    """The rule of `reference`: what the published code finds, padded entries in a spaced text.

    A text gets a space at both ends, and on both sides of some marks. An entry gets one before its
    first and after its last character, unless that is punctuation or of a script without spaces
    ("wide" here), and then is a substring. Here the space after it is not part of the key of an
    entry, but asked for where a key ends.
    """

    def __init__(self, rules: Mapping[str, Any], group: str) -> None:
        published = rules["published"]
        wide = _to_pattern(published["wide"])
        other = f"[^ {wide[1:]}"
        self._wide = re.compile(wide)
        self._piece = re.compile(f" {other}*|{wide}|{other}+")
        self._unspaced = re.compile(f"[^{wide[1:]}(?={wide}|\\Z)")
        spaced = {ord(mark): f" {mark} " for mark in published["parted"]}
        self._spaced = {**spaced, **{ord(space): " " for space in published["spaces"]}}

    def cut_entry(self, entry: str) -> tuple[str, list[int], bool]:
        """An entry as it is looked for, where it is cut, and whether it is a number (never)."""
        entry = _well_formed(entry)
        key = entry if self._wide.match(entry) else f" {entry}"
        return key, [piece.end() for piece in self._piece.finditer(key)][:-1], False

    def cut(self, text: str) -> _Cut:
        """A text, spaced and cut."""
        text = f" {text.strip()} ".translate(self._spaced)
        pieces = [piece.span() for piece in self._piece.finditer(text)]
        return _Cut(text, pieces, (), {place.end() for place in self._unspaced.finditer(text)}, [])


class _Classes(dict):  # type: ignore[type-arg]
    """The letter of each character's class, for `str.translate`; found when first asked for."""

    def __init__(self, classes: Mapping[str, list[str]]) -> None:
        super().__init__()
        self._ranges = sorted(
            (first, last, _CLASS_LETTERS[name])
            for name, ranges in classes.items()
            for first, last in _to_ranges(ranges)
        )
        self._firsts = [first for first, _, _ in self._ranges]

    def __missing__(self, point: int) -> str:
        at = bisect_right(self._firsts, point) - 1
        is_sign = at < 0 or point > self._ranges[at][1]
        self[point] = letter = _SIGN if is_sign else self._ranges[at][2]
        return letter


def _to_ranges(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First and last code points of ranges as `matching.json` writes them: 0041-005A 00AA."""
    for item in " ".join(lines).split():
        first, _, last = item.partition("-")
        yield int(first, 16), int(last or first, 16)


def _to_pattern(lines: list[str]) -> str:
    """The same as a set of a regular expression."""
    return "[" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in _to_ranges(lines)) + "]"


# ---------------------------------------------------------------------------------------------
# Labels


class _Labels:
    """What labels of language identification mean: `languages/lid-labels.ts`, the same."""

    def __init__(self, rules: Mapping[str, Any], scheme: str) -> None:
        schemes = rules["labels"]
        if scheme not in schemes:
            raise ValueError(f"no labelling scheme {scheme!r}; there are {_few(schemes)}")
        self._are_tags = scheme in ("iso639-3", "edition")
        self._known = _invert(schemes[scheme])
        if scheme == "edition":
            self._known = {**_invert(schemes["iso639-3"]), **self._known}
        self._scripts = {script: set(groups.split()) for script, groups in rules["scripts"].items()}

    def group_of(self, label: str) -> Optional[str]:
        """The group that a label leads to; OTHER, or None if the scheme does not know the label."""
        folded = label.strip(_JS_SPACE)
        if folded.startswith("__label__"):  # as fastText writes it
            folded = folded[len("__label__") :]
        folded = folded.lower().replace("-", "_")
        group = self._known.get(folded)
        return self._group_of_tag(folded.split("_")) if group is None and self._are_tags else group

    def _group_of_tag(self, subtags: list[str]) -> Optional[str]:
        """The longest beginning of a BCP 47 tag that is known decides, if the rest may follow."""
        for length in range(len(subtags), 0, -1):
            group = self._known.get("_".join(subtags[:length]))
            if group is None:
                continue
            rest = subtags[length:]
            if length == 1 and rest and re.fullmatch("[a-z]{3}", rest[0]):
                return self._group_of_tag(rest)  # zh-cmn: an extended language
            if not _may_follow(rest):
                return None
            if group == OTHER or not rest or not re.fullmatch("[a-z]{4}", rest[0]):
                return group
            return group if group in self._scripts.get(rest[0], ()) else OTHER
        return None


def _invert(groups: Mapping[str, str]) -> dict[str, str]:
    return {label: group for group, labels in groups.items() for label in labels.split()}


def _may_follow(subtags: list[str]) -> bool:
    """Whether subtags may follow a language: a script, a region, variants, extensions."""
    order = ("[a-z]{4}", "[a-z]{2}|[0-9]{3}", "[a-z0-9]{5,8}|[0-9][a-z0-9]{3}")
    stage = 0
    for subtag in subtags:
        if re.fullmatch("[a-z0-9]", subtag):
            return True  # extensions and private use, which say nothing of the language
        while stage < 3 and not re.fullmatch(order[stage], subtag):
            stage += 1
        if stage == 3:
            return False
        if stage < 2:
            stage += 1
    return True


# ---------------------------------------------------------------------------------------------
# Rows, as a pool's are read


#: What JavaScript calls white space; Python's own differs.
_JS_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

#: White space, and what displays ignore: soft hyphen, zero-width spaces and joiners, fillers.
_UNSEEN = _JS_SPACE + "".join(
    chr(code)
    for first, last in (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
        *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)),
        *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    )
    for code in range(first, last + 1)
)
_ODD = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_DATA_ADDRESS = re.compile(rf"[{_JS_SPACE}]*data:[\w.+-]+/[\w.+-]+[;,]", re.IGNORECASE | re.ASCII)
_DATA_RUN = re.compile(r"(?<![\w+/=-])[\w+/=-]{256,}", re.ASCII)


def _is_binary(text: str) -> bool:
    """Whether it holds NUL, or control characters and U+FFFD are half of it, white space aside."""
    odd = len(_ODD.findall(text))
    if odd == 0:
        return False
    return "\0" in text or odd * 2 >= sum(character not in _JS_SPACE for character in text)


def _is_data(text: str) -> bool:
    """Whether it is an address with the data in it, or holds a long run of base64."""
    if _DATA_ADDRESS.match(text):
        return True
    runs = _DATA_RUN.findall(text)
    return any(re.search("[0-9]", run) and re.search("[a-zA-Z]", run) for run in runs)


def _usable_texts(texts: Any) -> list[tuple[int, str]]:
    """The texts of a row that can be matched, each with its position among those given."""
    if isinstance(texts, (bytes, bytearray)):
        raise TypeError("texts are strings; decode bytes first")
    if isinstance(texts, (set, frozenset)):
        raise TypeError("texts are drawn by their order, which a set has not; give a list")
    if isinstance(texts, str):
        texts = (texts,)
    elif isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        return []
    usable = []
    for position, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip(_UNSEEN):
            continue
        text = _well_formed(text)
        if _is_binary(text) or _is_data(text):
            continue
        if len(text) * 4 <= MAX_TEXT_BYTES or len(text.encode()) <= MAX_TEXT_BYTES:
            usable.append((position, text))
    return usable


def _well_formed(text: str) -> str:
    """A text in which half a surrogate pair, as JSON may hold it, is U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _to_label(value: Any) -> Optional[str]:
    """An id, address or label as a string; None if it is none."""
    if isinstance(value, str):
        return _well_formed(value) or None
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        return _to_digits(float(value))
    if isinstance(value, (bytes, bytearray)):
        raise TypeError("ids, addresses and labels are strings or numbers; decode bytes first")
    return None


def _to_labels(value: Any, default: Optional[str]) -> Union[None, str, list[Optional[str]]]:
    """A label, or one for each text, with the default in place of those that are none."""
    if isinstance(value, (list, tuple)):
        return [_to_label(one) or default for one in value]
    return _to_label(value) or default


def _to_digits(value: float) -> str:
    """A number as JavaScript writes it: the same digits as Python, but others with an exponent."""
    if value == 0:
        return "0"  # and so is -0.0
    if 1e-6 <= abs(value) < 1e21:
        text = f"{Decimal(float.__repr__(value)):f}"
        return text[:-2] if text.endswith(".0") else text
    return float.__repr__(value).replace("e-0", "e-")


class _Names(NamedTuple):
    """How a sample's members, and the fields of its JSON, are called."""

    text: str
    json: str
    texts_field: Optional[str]
    ids: tuple[str, ...]
    url: str
    lang: str


def _balance_sample(
    balancer: Balancer, names: _Names, lang: Optional[str], sample: Mapping[str, Any]
) -> Optional[dict[str, Any]]:
    """A sample with the text that was drawn; None if it does not stay."""
    fields = sample.get(names.json, {})
    if isinstance(fields, (bytes, str)):
        fields = json.loads(_decode(fields))
    if names.texts_field is None and names.text not in sample:
        raise KeyError(f"{sample.get('__key__')} has no {names.text!r}; it has {_few(sample)}")
    own = sample.get(names.text)
    texts = _decode(own) if names.texts_field is None else fields.get(names.texts_field)
    ids = (fields[name] for name in names.ids if _to_label(fields.get(name)) is not None)
    decision = balancer.decide(
        texts,
        id=next(ids, sample.get("__key__")),
        url=fields.get(names.url),
        lang=_to_labels(fields.get(names.lang), lang),
    )
    if not decision.kept:
        return None
    text = decision.text or ""
    return {**sample, names.text: text.encode() if isinstance(own, bytes) else text}


def _decode(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _walk(rows: Any) -> Iterator[Mapping[str, Any]]:
    """Rows of what has an iterator, or only indexes."""
    if hasattr(rows, "__iter__"):
        yield from rows
    else:
        for index in range(len(rows)):
            yield rows[index]


# ---------------------------------------------------------------------------------------------
# The folder


def _read_export(directory: Path, name: str, form: str) -> dict[str, Any]:
    path = directory / name
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        hint = "name the folder that worldmeta export metaclip has written"
        raise ValueError(f"{path} is missing; {hint}") from None
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}); write the folder anew") from None
    if not isinstance(value, dict) or value.get("format") != form:
        raise ValueError(f"{path} is not of the format {form}; take the reader that lies beside it")
    return value


def _check_seed(seed: int) -> int:
    if not isinstance(seed, Integral) or isinstance(seed, bool) or not 0 <= seed < 2**53:
        raise ValueError(f"a seed is a whole number from 0 to 2**53 - 1, not {seed!r}")
    return int(seed)


def _few(names: Iterable[Any]) -> str:
    """Names for a message: the first few."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "")
