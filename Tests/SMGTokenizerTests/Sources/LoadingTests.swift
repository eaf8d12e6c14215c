import SMGBase
import SMGJSON
import SMGTemplate
import Testing

@testable import SMGTokenizer

/// Directories of models and single files.
@Suite struct LoadingTests {
    private let words =
        ##"{"added_tokens":[{"id":4,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"##
        + ##""special":true},{"id":5,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"##
        + ##""special":true}],"pre_tokenizer":{"type":"WhitespaceSplit"},"##
        + ##""model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"a":0,"b":1,"ab":2,"[UNK]":3}}}"##

    @Test func readsWhatLiesBeside() throws {
        let directory = ScratchDirectory()
        directory.write("tokenizer.json", words)
        directory.write(
            "tokenizer_config.json",
            ##"{"bos_token":{"content":"<s>"},"eos_token":"</s>","add_eos_token":true,"pad_token":null,"chat_template":"no"}"##
        )
        directory.write("config.json", ##"{"eos_token_id":[7,5]}"##)
        directory.write("generation_config.json", ##"{"eos_token_id":5}"##)
        directory.write("chat_template.jinja", "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}")
        let tokenizer = try Tokenizer.load(path: directory.path)
        #expect(tokenizer.kind == .huggingFace)
        #expect(tokenizer.eosIDs == [5, 7])
        #expect(tokenizer.specialTokens.bos == SpecialTokens.Token(text: "<s>", id: 4))
        #expect(tokenizer.specialTokens.unk == SpecialTokens.Token(text: "[UNK]", id: 3))
        #expect(tokenizer.specialTokens.pad == nil)
        // Eos is asked for; bos is not, and no post-processor adds one.
        #expect(try tokenizer.encode("a b") == [0, 1, 5])
        #expect(try tokenizer.encode("a b", addSpecialTokens: false) == [0, 1])
        #expect(try rendered(tokenizer) == "<s>hi</s>")
        // The file by its own path has the same neighbours.
        #expect(try Tokenizer.load(path: directory.path + "/tokenizer.json").eosIDs == [5, 7])

        directory.write("chat_template.json", ##"{"chat_template":"json {{ messages[0].content }}"}"##)
        #expect(try rendered(Tokenizer.load(path: directory.path)) == "json hi")
        var options = TokenizerOptions()
        options.chatTemplate = "given"
        #expect(try rendered(Tokenizer.load(path: directory.path, options: options)) == "given")
    }

    private func rendered(_ tokenizer: Tokenizer) throws -> String {
        try Array(##"[{"role":"user","content":"hi"}]"##.utf8).withUnsafeBytes { messages in
            let input = ChatTemplateInput(
                messages: try JSONSlice(parsing: messages), now: TemplateTime(seconds: 0, offset: 0))
            return try tokenizer.applyChatTemplate(input).readableString
        }
    }

    @Test func saysWhatIsWrongWithTemplates() throws {
        let plain = ScratchDirectory()
        plain.write("tokenizer.json", words)
        #expect(Fixtures.code { _ = try rendered(Tokenizer.load(path: plain.path)) } == .noChatTemplate)
        plain.write("chat_template.jinja", "{% if %}")
        #expect(Fixtures.code { _ = try rendered(Tokenizer.load(path: plain.path)) } == .chatTemplate)
        #expect(try Tokenizer.load(path: plain.path).encode("a") == [0])
    }

    @Test func refusesWhatIsNoTokenizer() {
        let directory = ScratchDirectory()
        func error(_ path: String) -> TokenizerError? {
            do { _ = try Tokenizer.load(path: path) } catch { return error }
            return nil
        }
        #expect(error(directory.path)?.code == .unknownFormat)
        #expect(error(directory.path + "/none.json")?.code == .sourceNotFound)
        #expect(error(directory.path + "/none.json")?.message.contains("none.json does not exist") == true)
        #expect(error(directory.write("x.gguf", "GGUF...."))?.code == .unknownFormat)
        #expect(error(directory.write("x.bin", "some text"))?.code == .unknownFormat)
        let broken = error(directory.write("broken.json", "{]"))
        #expect(broken?.code == .malformed)
        #expect(broken?.message.hasPrefix(directory.path) == true)
    }

    @Test func buildsQwenOfVocabularyAndMerges() throws {
        let directory = ScratchDirectory()
        let bytes = try LocalFiles.system.read("\(Fixtures.folder)/qwen2.json", 1 << 20)
        try bytes.withUnsafeBytes { bytes in
            let file = try JSONSlice(parsing: bytes)["tokenizer"]!
            let model = file["model"]!
            directory.write("vocab.json", model["vocab"]!.bytes)
            let lines = model["merges"]!.elements.map { merge in
                merge.string ?? merge.elements.map { $0.string! }.joined(separator: " ")
            }
            directory.write("merges.txt", "#version: 0.2\n" + lines.joined(separator: "\n") + "\n")
            let added = file["added_tokens"]!.elements.map { token in
                let special = token["special"]!.bool!
                return
                    ##""\##(token["id"]!.int64!)":{"content":\##(String(decoding: token["content"]!.bytes, as: UTF8.self)),"##
                    + ##""special":\##(special),"normalized":false}"##
            }
            directory.write(
                "tokenizer_config.json",
                ##"{"tokenizer_class":"Qwen2Tokenizer","added_tokens_decoder":{\##(added.joined(separator: ","))}}"##)
        }
        let tokenizer = try Tokenizer.load(path: directory.path)
        for item in try Fixtures.family("qwen2").cases {
            #expect(try tokenizer.encode(item.text) == item.ids)
            #expect(try tokenizer.decode(item.ids) == item.decodedWithoutSpecial)
        }
        directory.write("tokenizer_config.json", ##"{"tokenizer_class":"OtherTokenizer"}"##)
        #expect(Fixtures.code { _ = try Tokenizer.load(path: directory.path) } == .unsupportedComponent)
    }
}
