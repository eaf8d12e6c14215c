extension SpecialTokens {
    /// Spellings that stand for a part where no file names a token, in the order they are tried.
    private static let usual: [String: [String]] = [
        "bos_token": ["<s>", "<|startoftext|>", "<BOS>", "[CLS]"],
        "eos_token": ["</s>", "<|endoftext|>", "<EOS>", "[SEP]"],
        "unk_token": ["<unk>", "<UNK>", "[UNK]"],
        "pad_token": ["<pad>", "<PAD>", "[PAD]"],
        "sep_token": ["<sep>", "<SEP>", "[SEP]"],
        "cls_token": ["<cls>", "<CLS>", "[CLS]"],
        "mask_token": ["<mask>", "<MASK>", "[MASK]"],
    ]

    /// The tokens that `configuration` names, or the usual ones where it is silent; `id` looks a spelling up.
    init(_ configuration: ModelConfiguration, additional: [Token], id: (String) -> UInt32?) {
        func token(_ name: String) -> Token? {
            switch configuration.tokens[name, default: .absent] {
            case .text(let text): return Token(text: text, id: id(text))
            case .none: return nil
            case .absent:
                for text in Self.usual[name, default: []] { if let id = id(text) { return Token(text: text, id: id) } }
                return nil
            }
        }
        bos = token("bos_token")
        eos = token("eos_token")
        unk = token("unk_token")
        pad = token("pad_token")
        sep = token("sep_token")
        cls = token("cls_token")
        mask = token("mask_token")
        self.additional = additional
    }
}
