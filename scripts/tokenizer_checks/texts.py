"""Texts that tokenizers are compared on: generated from a seed, of every kind that a rule of theirs looks at."""

import random

LANGUAGES = [
    "The quick brown fox jumps over the lazy dog, doesn't it? I'll say we've 3 of 1,234.56 US$ (or so)...",
    "Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë au delà des îles.",
    "Falsches Üben von Xylophonmusik quält jeden größeren Zwerg; STRASSE und Straße.",
    "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, ¿añoraba a su querido cachorro?",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка № 5",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΟΔΟΣ ὈΔΥΣΣΕΎΣ",
    "איזה דג סקרן שט בים מאוכזב ולפתע מצא חברה שָׁלוֹם",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق ١٢٣",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले १२३४",
    "আমি বাংলায় গান গাই। தமிழ் மொழி அழகானது. తెలుగు భాష ಕನ್ನಡ മലയാളം ගත",
    "นายสังฆภัณฑ์ เฮงพิทักษ์ฝั่ง ผู้เฒ่าซึ่งมีอาชีพเป็นฅนขายฃวด ถูกตำรวจปฏิบัติการจับฟ้องศาล ๑๒๓",
    "我能吞下玻璃而不伤身体。人工智能在2024年的发展非常迅速，价格是￥１２３！繁體中文測試。𠀀𠮷",
    "いろはにほへと ちりぬるを わかよたれそ つねならむ。カタカナ・ﾊﾝｶｸ、ー々〆ヶ",
    "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. 각",
    "Tiếng Việt có rất nhiều dấu: ặ ệ ộ ữ ỹ Đ đ. Pijamalı hasta yağız şoföre çabucak güvendi: İIıi",
    "Pchnąć w tę łódź jeża lub ośm skrzyń fig. Příliš žluťoučký kůň úpěl ďábelské ódy",
    "ქართული ენა ⴰⵎⴰⵣⵉⵖ አማርኛ བོད་སྐད ភាសាខ្មែរ မြန်မာ ລາວ Հայերեն",
    "Ἄνδρα μοι ἔννεπε, Μοῦσα ᾳ ῼ ǅ ǈ ŉ ﬁ ﬂ ﬀ ſt ﬆ Å Ω K",
    "∑∫√∞≠≤ α→β ⇒ ½ ¼ ² ³ ⁴ ₅ ① ⑩ Ⅳ ⅷ ㎏ ㍿ ™ © € £ ¥ ₿ ° ‰",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒯𝑒𝓍𝓉 ＦＵＬＬ ｗｉｄｔｈ ﷺ ﷽ ﹏ ︙ ℃ ℉ №",
]
CODE = [
    "def f(x: int) -> str:\n    return f\"{x!r:>10}\" if x else '' # comment\n\n\n",
    "for (int i = 0; i < n; ++i) { a[i] ^= (b[i] << 3) | 0xFFu; }\r\n\t\t// done\r\n",
    "SELECT * FROM t WHERE a='b' AND c<>\"d\";--x\n",
    "<div class=\"a b\">\n  <p>Hi &amp; bye</p>\n</div>\n",
    "{\"key\": [1, 2.5e-3, null, true], \"k\\u00e9\": \"v\"}",
    "https://example.com/a/b?c=d&e=%20f#g user@example.org /usr/lib/x86_64 C:\\Windows\\",
    "    \t if(a&&b||!c){return;}  \n\n\n\n   x=1//2 ** 3 %4\n",
]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n ", "\u00a0", "\u3000", "\u2009", "\u200b", "\u2028", "\u2029",
          "\u0085", "\u1680", "\u180e", "\ufeff", "\x0b", "\x0c", "\x1c", "\u202f", "\u205f", "\u2060", "        "]
MARKS = ["\u0301", "\u0308", "\u0327", "\u0323", "\u20dd", "\u0483", "\u05b0", "\u064b", "\u093c", "\u0e31", "\u3099", "\ufe0f", "\u200d",
         "\u0345", "\u034f", "\u1ab0", "\U000e0100"]
EMOJI = ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "👍🏽", "❤️", "1️⃣", "🧑🏿‍🚀", "☃", "✂️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
CONTRACTIONS = ["'s", "'S", "'t", "'T", "'re", "'RE", "'Re", "'ve", "'m", "'ll", "'LL", "'d", "'D", "'ſ", "'x", "’s", "''", "n't", "'l", "'r",
                "'v", "'lL", "'Ve", "'\u212a"]
DIGITS = ["0", "7", "12", "123", "1234", "12345678", "٣٤", "१२", "½", "Ⅷ", "²", "①", "1,000.50", "3e8", "0x1F", "𝟙𝟚", "一二三", "〇"]
PUNCTUATION = ["...", "!?", "--", "—", "“q”", "«»", "¿", "、", "。", "(a)", "[b]", "{c}", "<d>", "&&", "||", "**", "``", "''", "$", "€", "^", "~", "_",
               "__init__", "@@", "##", "▁", "▁▁", "Ġ", "Ċ", "</w>", "<0x0A>", "<unk>", "·", "・", "\\", "/", "//", "/\n", "\u2581x"]
ODD = ["\x00", "\x01", "\x1f", "\x7f", "\u0080", "\u009f", "\ufffd", "\ue000", "\U000f0000", "\u0378", "\U0010ffff", "\ufdd0", "\u00ad", "\u2066",
       "\U0001e900", "\U00016e40", "\u1c80", "\ua7cb", "\U00011f02", "\U00031350", "\U0001f6dc", "\u0cf3"]

# Planes that have characters; everything else is unassigned.
RANGES = [(0x20, 0x7f), (0xa0, 0x250), (0x250, 0x530), (0x530, 0x1000), (0x1000, 0x2000), (0x2000, 0x2c00), (0x2c00, 0x3400),
          (0x3400, 0x4e00), (0x4e00, 0xa000), (0xa000, 0xac00), (0xac00, 0xd800), (0xf900, 0x10000), (0x10000, 0x10900), (0x10900, 0x12000),
          (0x12000, 0x18000), (0x1b000, 0x1d000), (0x1d000, 0x1f000), (0x1f000, 0x1fb00), (0x20000, 0x32000), (0xe0000, 0xe0200)]


class TextSource:
    """An endless source of texts; `special` are tokens of the tokenizer that are put in now and then."""

    def __init__(self, seed, special=()):
        self.random = random.Random(seed)
        self.special = list(special)
        self.words = [word for line in LANGUAGES for word in line.split(" ")]

    def scalar(self):
        low, high = self.random.choice(RANGES)
        return chr(self.random.randrange(low, high))

    def atom(self):
        r = self.random
        kind = r.random()
        if kind < 0.30:
            word = r.choice(self.words)
            if r.random() < 0.2:
                word = r.choice([str.upper, str.lower, str.title, str.swapcase])(word)
            return word + r.choice(["", " ", " ", " "])
        if kind < 0.42:
            return r.choice(SPACES) * r.choice([1, 1, 1, 2, 5])
        if kind < 0.50:
            return r.choice(PUNCTUATION)
        if kind < 0.57:
            return r.choice(CONTRACTIONS)
        if kind < 0.64:
            return r.choice(DIGITS)
        if kind < 0.69:
            return r.choice(MARKS)
        if kind < 0.73:
            return r.choice(EMOJI)
        if kind < 0.76:
            return r.choice(ODD)
        if kind < 0.80:
            line = r.choice(CODE)
            start = r.randrange(len(line))
            return line[start:start + r.randrange(1, 20)]
        if kind < 0.87:
            return "".join(chr(r.randrange(0x20, 0x7f)) for _ in range(r.randrange(1, 6)))
        if kind < 0.94:
            return "".join(self.scalar() for _ in range(r.randrange(1, 4)))
        if kind < 0.97 or not self.special:
            return r.choice(["a", "A", "x", "1", " ", "é", "中", "!", "\n", "ab"]) * r.randrange(2, 12)
        return r.choice(["", " ", "  "]) + r.choice(self.special) + r.choice(["", " ", "\n"])

    def text(self):
        r = self.random
        kind = r.random()
        if kind < 0.02:
            return r.choice(LANGUAGES + CODE)
        if kind < 0.03:
            return ""
        if kind < 0.05 and self.special:
            return "".join(r.choice(self.special) + r.choice(["", " "]) for _ in range(r.randrange(1, 4)))
        return "".join(self.atom() for _ in range(r.choice([1, 1, 2, 2, 3, 4, 5, 8, 12])))

    def texts(self, count):
        return [self.text() for _ in range(count)]


def corpus():
    """Texts to train on: languages and code, in proportions that give every family some long tokens."""
    source = TextSource(7)
    lines = (LANGUAGES + CODE) * 20
    lines += source.texts(3000)
    return lines
