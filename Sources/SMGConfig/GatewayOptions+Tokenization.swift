internal import SMGBase

/// Tokenizers: where they come from and what they are used for.
extension GatewayOptions {
    static let tokenization = OptionSection(
        "Tokenizer",
        [
            OptionRow(
                "model-path", .text,
                "The model whose tokenizer the gateway loads: a directory, or a name that is in the "
                    + "Hugging Face cache.",
                placeholder: "MODEL"),
            OptionRow(
                "tokenizer-path", .text,
                "The tokenizer to load in place of the model's: a directory, a tokenizer.json, a tiktoken or "
                    + "SentencePiece file, or a name that is in the Hugging Face cache.",
                placeholder: "PATH"),
            OptionRow(
                "chat-template", .path,
                "File with a Jinja chat template that goes before the one that comes with the tokenizer."),
            OptionRow(
                "routing-tokens", .bool,
                "cache_aware: compare prompts as the tokens that the engine will see, chat template included, instead "
                    + "of as text. Needs --model-path or --tokenizer-path."),
        ])
}
