"""What text is read by: all templates as one graph of words, and what they mean.

Besides what templates say it holds their gist (what is left without small words), what text may
begin with, and the lists and rules that reading takes note of, each from a start of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from legsup_voice.hearing.grammar.entries import BEYOND
from legsup_voice.hearing.grammar.graph import PLAIN, Graph, Network
from legsup_voice.hearing.grammar.intent import Meaning
from legsup_voice.hearing.grammar.meaning import Language, Template
from legsup_voice.hearing.grammar.spelling import Spelling
from legsup_voice.hearing.grammar.templates import Expression, alike, without

SAID, GIST, BEGINNINGS = "said", "gist", "begins"
"""Where templates start: as they are, without small words, and those that anything may follow."""


@dataclass(frozen=True)
class Written:
    """The labels of what is `SAID` count `meanings`, those of a list its values.

    `starts`: where what is in `graph` starts, by name; a list's is "{name}", as in the graph, and a
    rule's "<name>". `lists`: the detail that each list gives, and its values.
    """

    graph: Graph
    starts: Mapping[str, int]
    meanings: tuple[Meaning, ...]
    lists: Mapping[str, tuple[str, tuple[str, ...]]]
    spelling: Spelling
    language: str


def written(templates: Collection[Template], language: Language) -> Written:
    """Return what text is read by where `templates` are known, the foremost first."""
    spelling, rules = language.spelling, language.rules
    starts, network = {SAID: 0}, Network()
    for name in (GIST, BEGINNINGS):
        starts[name] = network.node()
    meanings = _add_templates(network, starts, templates, language)
    known = {word for arcs in network.arcs for word, _ in arcs if spelling.is_short(word)}
    for name, values in language.lists.items():
        start = starts[f"{{{name}}}"] = network.node()
        for label, said in enumerate(values.values()):
            network.finals[network.add(said, rules, {}, start)] = PLAIN, label
    for name in BEYOND:
        start = starts[f"<{name}>"] = network.node()
        network.finals[network.add(rules[name], rules, {}, start)] = PLAIN, 0
    graph = network.minimal(tuple(starts.values()))
    lists = {
        f"{{{name}}}": (language.fills.get(name, name), tuple(values))
        for name, values in language.lists.items()
    }
    started = dict(zip(starts, graph.starts, strict=True))
    spelling = replace(spelling, known=frozenset(known))
    return Written(graph, started, meanings, lists, spelling, language.name)


def _add_templates(
    network: Network, starts: Mapping[str, int], templates: Collection[Template], language: Language
) -> tuple[Meaning, ...]:
    """Add what `templates` say; return what their labels mean."""
    spelling, rules = language.spelling, language.rules
    gists = {name: without(rule, spelling.small) for name, rule in rules.items()}
    slots: dict[str, Expression] = {name: f"{{{name}}}" for name in language.lists}
    meanings: dict[int, tuple[int, Meaning]] = {}
    for template in templates:
        label, _ = meanings.setdefault(id(template.entry), (len(meanings), template.meaning))
        said = alike(template.expression, spelling.alike)
        if template.begins:
            ends = [network.add(said, rules, slots, starts[BEGINNINGS])]
        else:
            gist = without(said, spelling.small)
            ends = [network.add(said, rules, slots, starts[SAID])]
            ends += [network.add(gist, gists, slots, starts[GIST])]
        network.finals |= dict.fromkeys(ends, (PLAIN, label))
    return tuple(meaning for _, meaning in meanings.values())
