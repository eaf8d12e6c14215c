"""The charsmap of SentencePiece's rule "nmt_nfkc", taken out of a model that is trained for the purpose."""

import pathlib
import tempfile

from . import texts


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """Length-delimited fields of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 2:
            length, at = varint(data, at)
            yield key >> 3, data[at:at + length]
            at += length
        elif kind == 0:
            _, at = varint(data, at)
        else:
            at += 4 if kind == 5 else 8


def nmt_nfkc():
    import sentencepiece
    with tempfile.TemporaryDirectory() as directory:
        prefix = str(pathlib.Path(directory) / "m")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts.LANGUAGES * 5), model_prefix=prefix, vocab_size=900, hard_vocab_limit=False,
            normalization_rule_name="nmt_nfkc", minloglevel=2)
        model = pathlib.Path(prefix + ".model").read_bytes()
    normalizer = next(value for number, value in fields(model) if number == 3)
    return next(value for number, value in fields(normalizer) if number == 2)
