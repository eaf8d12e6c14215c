"""Small word models, charsmaps and SentencePiece models, and what the reference libraries make of texts with them.

`scripts/gen-tokenizer-fixtures` calls `write(folder)`.
Needs PyPI tokenizers and sentencepiece. Everything follows from seeds.
"""

import io
import json
import pathlib
import random
import struct

import sentencepiece
import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

SENTENCES = """
The quick brown fox jumps over the lazy dog while the gateway answers every request in time.
A model reads tokens, not letters; the tokenizer decides what it can see of a text.
def encode(text: str) -> list[int]: return [vocabulary[piece] for piece in split(text)]
for (int i = 0; i < count; i++) { total += values[i] * 3.14159; }
Der Zug fährt über die Brücke, und die Straßen sind heute größer als früher geworden.
Les élèves français ont déjà mangé à midi; où êtes-vous allés après l'été dernier ?
El niño pequeño comió una manzana mañana por la mañana, ¿verdad? ¡Qué rápido!
Não há razão para não começar agora: a situação já é bem melhor do que antes.
Il ragazzo è andato in città perché aveva bisogno di più libertà e felicità.
Zażółć gęślą jaźń, pisał żółw na łódce, gdy słońce świeciło jaśniej niż zwykle.
Příliš žluťoučký kůň úpěl ďábelské ódy nad řekou, která tekla směrem k městu.
Pijamalı hasta yağız şoföre çabucak güvendi ve İstanbul'un ışıkları söndü.
Đường phố Hà Nội đông đúc người đi lại, ai cũng vội vã về nhà trước cơn mưa.
Съешь же ещё этих мягких французских булок, да выпей чаю, пока он горячий.
Гей, хлопці, не вспію на ґанок ваш файний, з'їли б щастя ще раз.
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία και γράφω για τη θάλασσα του νησιού.
דג סקרן שט בים מאוכזב ולפתע מצא לו חברה, והם שחו יחד עד הבוקר.
نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق.
یک روباه قهوه‌ای چابک از روی سگ تنبل می‌پرد و به خانه باز می‌گردد.
ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले राम।
আমি বাংলায় গান গাই, আমি বাংলার গান গাই, আমি আমার আমিকে চিরদিন খুঁজে পাই।
யாமறிந்த மொழிகளிலே தமிழ்மொழி போல் இனிதாவது எங்கும் காணோம் என்று பாடினார்.
เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน จงฝ่าฟันพัฒนาวิชาการ
ქართული ენა ძალიან ლამაზია და მისი ანბანი უნიკალურია მთელს მსოფლიოში.
Բարև ձեզ, այսօր շատ գեղեցիկ օր է և մենք գնում ենք քաղաք միասին.
今日は天気がとても良いので、友達と一緒に公園へ散歩に行きました。カタカナも読めます。
我们今天去学校学习新的知识，老师告诉我们要认真阅读每一本书，然后回答问题。
繁體中文的句子也需要被正確地切分，因為臺灣與香港的使用者很多。
오늘은 날씨가 아주 좋아서 친구들과 함께 공원에 산책하러 갔습니다. 한국어 문장입니다.
Emoji 😀😃 and flags 🇩🇪🇯🇵 and families 👨‍👩‍👧‍👦 and hands 👍🏽 are part of chats ❤️‍🔥.
ＦＵＬＬ　ｗｉｄｔｈ ｔｅｘｔ， ﬁ ligatures ﬀ, ① ② ③, ½ cups, ㍿ and ㎏ and Ⅷ and ™.
""".strip().split("\n")


def corpus(seed: int = 1, lines: int = 1500) -> list[str]:
    """Sentences in some thirty languages, words shuffled so that frequencies differ."""
    choice = random.Random(seed)
    out = []
    for _ in range(lines):
        words = choice.choice(SENTENCES).split(" ")
        start = choice.randrange(len(words))
        out.append(" ".join(words[start : start + choice.randint(3, 12)]))
    return SENTENCES + out


SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u2003", "\u200b", "\u200d", "\u2028", "\u0085", "\ufeff", "\u2581"]
MARKS = ["\u0301", "\u0308", "\u0327", "\u20dd", "\u0951", "\u093f", "\u0e31", "\u200d", "\ufe0f", "\u1100", "\u1161", "\u11a8", "\u3099", "\U0001f3fd"]
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🇩", "❤️‍🔥", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f", "☃", "⁇"]


def scalar(choice: random.Random) -> str:
    """A character from anywhere, more often from the lower planes."""
    while True:
        top = choice.choice([0x80, 0x250, 0x800, 0x3000, 0x10000, 0x20000, 0x110000])
        value = choice.randrange(top)
        if not 0xD800 <= value < 0xE000:
            return chr(value)


def text(choice: random.Random, special: list[str]) -> str:
    """One text of a kind picked at random."""
    kind = choice.randrange(11)
    if kind <= 2:
        words = choice.choice(SENTENCES).split(" ")
        start = choice.randrange(len(words))
        return " ".join(words[start : start + choice.randint(1, 12)])
    if kind == 3:
        sentence = list(choice.choice(SENTENCES))
        for _ in range(choice.randint(1, 6)):
            at = choice.randrange(len(sentence))
            sentence[at] = choice.choice([scalar(choice), choice.choice(SPACES), choice.choice(MARKS), choice.choice(EMOJI), ""])
        return "".join(sentence)
    if kind == 4:
        return choice.choice(["a", "ab", "é", "的", "▁", " ", "😀", "th", "\n", "ห", scalar(choice)]) * choice.randint(1, 70)
    if kind == 5:
        return "".join(scalar(choice) for _ in range(choice.randint(1, 30)))
    if kind == 6:
        base = choice.randrange(0, 0x30000, 0x80)
        return "".join(chr(c) for c in range(base, base + 0x80) if not 0xD800 <= c < 0xE000)
    if kind == 7:
        return "".join(choice.choice([choice.choice(MARKS), choice.choice(EMOJI), choice.choice("aeKk ﬁ가ｶ")]) for _ in range(choice.randint(1, 20)))
    if kind == 8:
        return "".join(choice.choice(SPACES + ["x", "the", "。"]) for _ in range(choice.randint(1, 16)))
    if kind == 9:
        return "".join(choice.choice(special + ["a", " ", "▁", "the", "x", "<", ">"]) for _ in range(choice.randint(1, 12)))
    return " ".join(text(choice, special) for _ in range(choice.randint(2, 4)))


def texts(seed: int, count: int, special: list[str] | None = None) -> list[str]:
    """`count` texts; `special` are strings that the model at hand treats in its own way."""
    choice = random.Random(seed)
    special = (special or []) + ["<unk>", "<s>", "</s>", "<0x41>", "[UNK]", "##a"]
    return [text(choice, special) for _ in range(count)]


# SentencePiece -------------------------------------------------------------------------------------------------------

RULES = """41\t61
C4\tE4
FF21\t61
E9\t65
65 301\t65
66 66\tFB00
FB01\t66 69
200D
A0\t20
A\t20
3000\t20 20
2474\t28 31 29
"""


def train(folder: pathlib.Path, **options) -> bytes:
    """A SentencePiece model of the corpus; `options` as for the trainer. `rules` asks for the small charsmap above."""
    settings = dict(vocab_size=1200, character_coverage=0.995, num_threads=1, minloglevel=2, hard_vocab_limit=False)
    settings.update(options)
    if settings.pop("rules", False):
        path = folder / "rules.tsv"
        path.write_text(RULES)
        settings["normalization_rule_tsv"] = str(path)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus()), model_writer=model, **settings)
    return model.getvalue()


SYMBOLS = ["<sep>", "<cls>", "ab▁c", "the", "▁▁", "é", "<sep><cls>", "的我"]
VARIANTS = {
    "unigram": dict(model_type="unigram", normalization_rule_name="nmt_nfkc"),
    "unigram-bytes": dict(model_type="unigram", normalization_rule_name="nmt_nfkc_cf", byte_fallback=True),
    "unigram-symbols": dict(model_type="unigram", normalization_rule_name="nfkc", user_defined_symbols=SYMBOLS),
    "unigram-rules": dict(model_type="unigram", rules=True, remove_extra_whitespaces=False),
    "unigram-suffix": dict(model_type="unigram", normalization_rule_name="identity", treat_whitespace_as_suffix=True, control_symbols=["<ctl>"]),
    "bpe": dict(model_type="bpe", normalization_rule_name="nmt_nfkc"),
    "bpe-bytes": dict(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, add_dummy_prefix=True, remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True),
    "bpe-symbols": dict(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, user_defined_symbols=SYMBOLS, add_dummy_prefix=False, remove_extra_whitespaces=False),
    "bpe-rules": dict(model_type="bpe", rules=True, user_defined_symbols=["<x>"], unk_surface="?"),
    "bpe-across": dict(model_type="bpe", normalization_rule_name="nmt_nfkc", split_by_whitespace=False, max_sentencepiece_length=24),
    "bpe-suffix": dict(model_type="bpe", normalization_rule_name="nfkc_cf", treat_whitespace_as_suffix=True, byte_fallback=True),
}


def rows(items: list[bytes]) -> bytes:
    """Runs of bytes with their lengths before them, as Tests/Benchmarks/models reads them."""
    return b"".join(struct.pack("<I", len(item)) + item for item in items)


def unrows(data: bytes) -> list[bytes]:
    out, at = [], 0
    while at < len(data):
        (count,) = struct.unpack_from("<I", data, at)
        out.append(data[at + 4 : at + 4 + count])
        at += 4 + count
    return out


def packed(ids: list[int]) -> bytes:
    return struct.pack(f"<{len(ids)}I", *ids)


# HF models -----------------------------------------------------------------------------------------------------------


def unigram_vocab(byte_fallback: bool, size: int = 1500) -> list[tuple[str, float]]:
    """Pieces and scores as HF's trainer finds them, doubles that are no floats; id 2 is the unknown piece."""
    tokenizer = tokenizers.Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=["<s>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    vocab = [(piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]
    if byte_fallback:
        vocab += [(f"<0x{byte:02X}>", -9.5) for byte in range(256)]
    return vocab


def unigram_file(vocab: list[tuple[str, float]], unknown: int | None, byte_fallback: bool) -> bytes:
    """A Unigram model as the driver in Tests/Benchmarks/models reads it."""
    settings = struct.pack("<IB", 0xFFFFFFFF if unknown is None else unknown, byte_fallback)
    return rows([settings] + [struct.pack("<d", score) + piece.encode() for piece, score in vocab])


def wordpiece_vocab(prefix: str, size: int = 1500) -> dict[str, int]:
    """Tokens as HF's trainer finds them."""
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=prefix))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=["[UNK]", "[CLS]"], continuing_subword_prefix=prefix, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer.get_vocab()


def word_file(vocab: dict[str, int], unknown: str, prefix: str, longest: int) -> bytes:
    """A WordPiece or WordLevel model as the driver reads it."""
    settings = [unknown.encode(), prefix.encode(), str(longest).encode()]
    tokens = sorted(vocab.items(), key=lambda item: item[1])
    return rows(settings + [struct.pack("<I", id) + token.encode() for token, id in tokens])


# Fixtures ------------------------------------------------------------------------------------------------------------

FIXTURES = ["unigram-suffix", "unigram-rules", "bpe-bytes", "bpe-symbols", "bpe-rules"]


def charsmap(model: bytes) -> bytes:
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    return proto.normalizer_spec.precompiled_charsmap


def write(folder: pathlib.Path, count: int = 110) -> None:
    """Writes the fixtures of Tests/SMGTokenizerTests/{Models,SentencePiece,Charsmap}."""
    folder.mkdir(parents=True, exist_ok=True)
    inputs = [t for t in texts(3, 4 * count, SYMBOLS) if len(t) < 160][:count]
    (folder / "texts.bin").write_bytes(rows([t.encode() for t in inputs]))
    for name in FIXTURES:
        model = train(folder, **VARIANTS[name] | dict(vocab_size=1000))
        (folder / f"{name}.model").write_bytes(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        ids = [processor.encode(t) for t in inputs]
        (folder / f"{name}.ids").write_bytes(rows([packed(i) for i in ids]))
        (folder / f"{name}.decoded").write_bytes(rows([processor.decode(i).encode() if i else b"" for i in ids]))
        if name == "unigram-rules":
            rules = charsmap(model)
            (folder / "rules.charsmap").write_bytes(rules)
            normalizer = normalizers.Precompiled(rules)
            (folder / "rules.normalized").write_bytes(rows([normalizer.normalize_str(t).encode() for t in inputs]))
    (folder / "rules.tsv").unlink()
    for fallback in (False, True):
        name = "hf-unigram-bytes" if fallback else "hf-unigram"
        vocab = unigram_vocab(fallback, 600)
        (folder / f"{name}.model").write_bytes(unigram_file(vocab, 2, fallback))
        tokenizer = tokenizers.Tokenizer(models.Unigram(vocab, 2, byte_fallback=fallback))
        (folder / f"{name}.ids").write_bytes(rows([packed(tokenizer.encode(t).ids) for t in inputs]))
    vocab = wordpiece_vocab("##", 700)
    (folder / "hf-wordpiece.model").write_bytes(word_file(vocab, "[UNK]", "##", 20))
    for name, model in {
        "hf-wordpiece": models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=20),
        "hf-wordlevel": models.WordLevel(vocab, unk_token="[UNK]"),
    }.items():
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
        (folder / f"{name}.ids").write_bytes(rows([packed(tokenizer.encode(t).ids) for t in inputs]))


if __name__ == "__main__":
    write(pathlib.Path(__file__).parent.parent / "Tests/Fixtures/tokenizers/models")
