/// The bounds of tokenizers, with their reasons.
package enum TokenizerLimits {
    /// Ids run below this. The largest real vocabulary has about 262,000 tokens; tables are sized by the highest id.
    package static let maximumID: UInt32 = 1 << 22

    /// Bytes of one token. Real ones stay below 1,000 (runs of spaces, long words of code).
    package static let tokenBytes = 1 << 16

    /// Bytes of a tokenizer file. The largest real tokenizer.json has about 35 MB.
    package static let fileBytes = 256 << 20

    /// Bytes of one text to encode: above every payload limit that makes sense for a prompt.
    package static let textBytes = 256 << 20

    /// Bytes of one piece of a Unigram model, and of one added token: the search for either costs this much for each byte
    /// of text at worst. Real ones stay below 200.
    package static let searchedBytes = 512

    /// Ids that padding may ask a text to have. Files ask for some hundreds: embedding models pad, with short contexts.
    package static let paddedIDs = 1 << 20
}
