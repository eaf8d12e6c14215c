"""A stand-in for a model's tokenizer: markers are one token each, every other character is a token of its own."""

import re


def pieces(text, size, markers):
    """A stream of `text`: the tokens of each piece, `size` of them. A token is a character, or one of `markers`."""
    tokens = MarkerTokenizer(markers).tokens(text)
    return [tokens[start:start + size] for start in range(0, len(tokens), size)] or [[]]


class MarkerTokenizer:
    """As much of a tokenizer as parsers call, over a list of markers.

    The id of a character is its code point; markers come behind the last code point, U+10FFFF.
    """

    first_marker_id = 0x110000

    def __init__(self, markers):
        self.markers = {marker: self.first_marker_id + number for number, marker in enumerate(markers)}
        self.texts = {number: marker for marker, number in self.markers.items()}
        longest_first = sorted(self.markers, key=len, reverse=True)
        self.pattern = re.compile("|".join([*map(re.escape, longest_first), "."]), re.DOTALL)
        # What a tokenizer itself calls special, the ends of an answer, no answer has in it.
        self.all_special_tokens, self.all_special_ids = [], []
        self.bos_token = self.eos_token = None

    def get_vocab(self):
        return self.markers | {chr(code): code for code in range(0x80)}

    def tokens(self, text):
        """The text of each token of `text`."""
        return self.pattern.findall(text)

    def encode(self, text, add_special_tokens=False, **options):
        return [self.convert_tokens_to_ids(token) for token in self.tokens(text)]

    def decode(self, ids, skip_special_tokens=False, **options):
        ids = [ids] if isinstance(ids, int) else ids
        return "".join(self.texts.get(number) or chr(number) for number in ids)

    def convert_tokens_to_ids(self, token):
        if isinstance(token, list):
            return [self.convert_tokens_to_ids(part) for part in token]
        return self.markers[token] if token in self.markers else ord(token) if len(token) == 1 else None
