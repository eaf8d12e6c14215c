"""Small tokenizers of every family shape, trained on the spot with the pipelines of the real ones."""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from . import texts

KNOWN = set(texts.LANGUAGES + texts.CODE)
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + TAIL
QWEN = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + TAIL
UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
O200K = (UPPER + "*" + LOWER + "+" + CONTRACTION + "?|" + UPPER + "+" + LOWER + "*" + CONTRACTION
         + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + TAIL)
TEKKEN = UPPER + "*" + LOWER + "+|" + UPPER + "+" + LOWER + r"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + TAIL
HAN_UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
HAN_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
KIMI = (r"[\p{Han}]+|" + HAN_UPPER + "*" + HAN_LOWER + "+" + CONTRACTION + "?|" + HAN_UPPER + "+" + HAN_LOWER + "*" + CONTRACTION
        + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + TAIL)
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
            r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|""" + TAIL]
BYTES = pre_tokenizers.ByteLevel.alphabet
SPACE = "\u2581"


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def byte_level(name, patterns, size, *, normalizer=None, special=(), before=(), use_regex=False, prefix=False, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    parts = list(before) + [split(p) for p in patterns]
    parts.append(pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex))
    tokenizer.pre_tokenizer = parts[0] if len(parts) == 1 else pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer, trainers.BpeTrainer(vocab_size=size, initial_alphabet=BYTES(), show_progress=False), list(special)


def bos_template(tokenizer, bos, eos=None):
    pairs = [(bos, tokenizer.token_to_id(bos))] + ([(eos, tokenizer.token_to_id(eos))] if eos else [])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A" + (f" {eos}" if eos else ""), pair=f"{bos} $A {bos} $B", special_tokens=pairs)


def train_sentencepiece_bpe(corpus, normalizer, pre_tokenizer, decoder, size, bytes_too=True):
    # Trained on single words: the pipelines themselves give the trainer whole lines.
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Replace(" ", SPACE)
    trained.pre_tokenizer = pre_tokenizers.Split(SPACE, "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, limit_alphabet=150, special_tokens=["<unk>", "<s>", "</s>"])
    trained.train_from_iterator(corpus, trainer)
    model = json.loads(trained.to_str())["model"]
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    if bytes_too:
        for byte in range(256):
            vocab[f"<0x{byte:02X}>"] = len(vocab)
    for token in model["vocab"]:
        vocab.setdefault(token, len(vocab))
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=bytes_too))
    tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    bos_template(tokenizer, "<s>")
    return tokenizer


LLAMA_DECODER = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]


def llama2(corpus, size):
    return train_sentencepiece_bpe(
        corpus, normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]), None,
        decoders.Sequence(LLAMA_DECODER), size)


def mistral_metaspace(corpus, size):
    tokenizer = train_sentencepiece_bpe(
        corpus, None, pre_tokenizers.Metaspace(SPACE, prepend_scheme="first", split=False), decoders.Sequence(LLAMA_DECODER), size)
    tokenizer.add_special_tokens(["[INST]", "[/INST]"])
    return tokenizer


def phi3(corpus, size):
    tokenizer = llama2(corpus, size)
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", normalized=False, special=True)])
    tokenizer.add_special_tokens([
        AddedToken(t, rstrip=True, normalized=False, special=True) for t in ("<|assistant|>", "<|end|>", "<|user|>", "<|system|>")])
    return tokenizer


def gemma(corpus, size):
    tokenizer = train_sentencepiece_bpe(
        corpus, normalizers.Replace(" ", SPACE), pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]), size)
    tokenizer.add_special_tokens(["<start_of_turn>", "<end_of_turn>"])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in ("\n\n", "\n\n\n", SPACE * 2, SPACE * 4, "\t\t", "<h1>")])
    return tokenizer


def no_bytes(corpus, size):
    """Without byte pieces: unknown characters are one fused unknown token."""
    return train_sentencepiece_bpe(
        corpus, normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]), None,
        decoders.Sequence(LLAMA_DECODER), size, bytes_too=False)


def train_bytes(corpus, parts):
    tokenizer, trainer, special = parts
    tokenizer.train_from_iterator(corpus, trainer)
    if special:
        tokenizer.add_special_tokens(special)
    return tokenizer


def gpt2(corpus, size):
    return train_bytes(corpus, byte_level("gpt2", [], size, use_regex=True, special=["<|endoftext|>"]))


def roberta(corpus, size):
    tokenizer = train_bytes(corpus, byte_level("roberta", [], size, use_regex=True, prefix=True, special=["<s>", "</s>"]))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    tokenizer.add_tokens([AddedToken("word", single_word=True), AddedToken("Ġé", normalized=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")))
    return tokenizer


def llama3(corpus, size):
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
    tokenizer = train_bytes(corpus, byte_level("llama3", [CL100K], size, special=special, ignore_merges=True))
    byte = processors.ByteLevel(trim_offsets=True)
    bos_template(tokenizer, "<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([byte, tokenizer.post_processor])
    return tokenizer


def qwen2(corpus, size):
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = train_bytes(corpus, byte_level("qwen2", [QWEN], size, normalizer=normalizers.NFC(), special=special))
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False), AddedToken("</tool_call>", normalized=False)])
    return tokenizer


def deepseek3(corpus, size):
    special = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>"]
    tokenizer = train_bytes(corpus, byte_level("deepseek3", DEEPSEEK, size, normalizer=normalizers.Sequence([]), special=special))
    bos_template(tokenizer, "<｜begin▁of▁sentence｜>")
    return tokenizer


def o200k(corpus, size):
    return train_bytes(corpus, byte_level("o200k", [O200K], size, special=["<|start|>", "<|end|>", "<|message|>"], ignore_merges=True))


def tekken(corpus, size):
    tokenizer = train_bytes(corpus, byte_level("tekken", [TEKKEN], size, special=["<s>", "</s>", "[INST]"], ignore_merges=True))
    bos_template(tokenizer, "<s>")
    return tokenizer


def kimi(corpus, size):
    return train_bytes(corpus, byte_level("kimi", [KIMI], size, special=["[BOS]", "[EOS]", "<|im_end|>"], ignore_merges=True))


def bloom(corpus, size):
    return train_bytes(corpus, byte_level("bloom", [r" ?[^(\s|[.,!?…。，、।۔،])]+"], size, special=["<s>"]))


def falcon(corpus, size):
    before = [pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(individual_digits=False)]
    return train_bytes(corpus, byte_level("falcon", [r"[0-9][0-9][0-9]"], size, before=before, special=["<|endoftext|>"]))


def starcoder(corpus, size):
    before = [pre_tokenizers.Digits(individual_digits=True)]
    return train_bytes(corpus, byte_level("starcoder", [], size, before=before, use_regex=True, special=["<fim_prefix>"]))


def clip(corpus, size):
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", continuing_subword_prefix="", end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, initial_alphabet=BYTES(), end_of_word_suffix="</w>",
                                  special_tokens=["<|startoftext|>", "<|endoftext|>"])
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0))
    return tokenizer


def subword_nmt(corpus, size):
    """A BPE whose tokens within words begin with "@@"."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="@@"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, limit_alphabet=200, continuing_subword_prefix="@@",
                                  special_tokens=["<unk>"])
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.decoder = decoders.WordPiece("@@", cleanup=False)
    return tokenizer


def bert(corpus, size, lowercase=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=size, show_progress=False, limit_alphabet=300,
                                        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def bert_cased(corpus, size):
    return bert(corpus, size, lowercase=False)


def minilm(corpus, size):
    tokenizer = bert(corpus, size)
    tokenizer.enable_truncation(24)
    tokenizer.enable_padding(length=24)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def unigram(corpus, size, normalizer, pre_tokenizer, special, byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    trainer = trainers.UnigramTrainer(vocab_size=max(size, 900), show_progress=False, unk_token="<unk>", special_tokens=list(special))
    # Without the random texts: every character of the training texts becomes a piece.
    tokenizer.train_from_iterator([line for line in corpus if line in KNOWN], trainer)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def t5(corpus, size):
    tokenizer = unigram(corpus, size, None, pre_tokenizers.Metaspace(prepend_scheme="always"), ["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def xlmr(corpus, size, charsmap):
    normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    pre = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer = unigram(corpus, size, normalizer, pre, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    bos_template(tokenizer, "<s>", "</s>")
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True, normalized=True)])
    return tokenizer


def albert(corpus, size, charsmap):
    normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.Lowercase(), normalizers.Precompiled(charsmap)])
    tokenizer = unigram(corpus, size, normalizer, pre_tokenizers.Metaspace(), ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    bos_template(tokenizer, "[CLS]", "[SEP]")
    return tokenizer


def word_level(corpus, size):
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(vocab_size=size, show_progress=False, special_tokens=["[UNK]", "[PAD]"])
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def ctc(corpus, size):
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "|")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    trainer = trainers.WordLevelTrainer(vocab_size=size, show_progress=False, special_tokens=["<pad>", "<unk>", "|"])
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.decoder = decoders.CTC()
    return tokenizer


FAMILIES = {f.__name__: f for f in (
    gpt2, roberta, llama3, qwen2, deepseek3, o200k, tekken, kimi, bloom, falcon, starcoder, llama2, mistral_metaspace, phi3, gemma,
    no_bytes, clip, subword_nmt, bert, bert_cased, minilm, t5, xlmr, albert, word_level, ctc)}
NEEDS_CHARSMAP = {"xlmr", "albert"}


def make(name, corpus, size, charsmap):
    """The tokenizer.json text of family `name` with a vocabulary of about `size`."""
    function = FAMILIES[name]
    tokenizer = function(corpus, size, charsmap) if name in NEEDS_CHARSMAP else function(corpus, size)
    return tokenizer.to_str()


def special_tokens(document):
    """Texts of the added tokens in a tokenizer.json."""
    return [token["content"] for token in json.loads(document)["added_tokens"]]
