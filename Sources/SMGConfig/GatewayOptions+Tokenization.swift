internal import SMGBase

/// Tokenizers: where they come from and what they are used for.
extension GatewayOptions {
    static let tokenization = OptionSection(
        "Tokenizer",
        [
            OptionRow(
                "model-path", .text,
                "The model whose tokenizer the gateway loads: a directory, or a name on the Hugging Face hub, "
                    + "whose tokenizer is fetched unless it is in the cache.",
                placeholder: "MODEL"),
            OptionRow(
                "tokenizer-path", .text,
                "The tokenizer to load in place of the model's: a directory, a tokenizer.json, a tiktoken or "
                    + "SentencePiece file, or a name on the Hugging Face hub.",
                placeholder: "PATH"),
            OptionRow(
                "chat-template", .path,
                "File with a Jinja chat template that goes before the one that comes with the tokenizer."),
            OptionRow(
                "routing-tokens", .bool,
                "cache_aware: compare prompts as the tokens that the engine will see, chat template included, instead "
                    + "of as text. Needs --model-path or --tokenizer-path."),
            OptionRow("tokenizer-cache-enable-l0", .bool, "Remember the tokens of whole texts."),
            OptionRow(
                "tokenizer-cache-l0-max-entries", .integer(1...10_000_000), default: 10_000,
                "Texts that are remembered whole."),
            OptionRow(
                "tokenizer-cache-enable-l1", .bool,
                "Remember the tokens of the beginnings of conversations, up to each special token; only for tokenizers "
                    + "whose parts, encoded one by one, are the whole."),
            OptionRow(
                "tokenizer-cache-l1-max-memory", .integer(1 << 16...1 << 40), default: 52_428_800,
                "Memory for remembered beginnings.", placeholder: "BYTES"),
        ])
}
