// Tokenizers, decoders and parsers: what they give, and what wrong calls get.
#define _GNU_SOURCE
#include <smg.h>

#include "check.h"

static const char words[] =
    "{\"version\":\"1.0\",\"normalizer\":null,\"truncation\":null,\"padding\":null,\"decoder\":null,"
    "\"added_tokens\":[{\"id\":1,\"content\":\"<s>\",\"special\":true,\"single_word\":false,\"lstrip\":false,"
    "\"rstrip\":false,\"normalized\":false}],\"pre_tokenizer\":{\"type\":\"Whitespace\"},"
    "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},"
    "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
    "{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}],\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[1],"
    "\"tokens\":[\"<s>\"]}}},"
    "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"<unk>\","
    "\"vocab\":{\"<unk>\":0,\"<s>\":1,\"hello\":2,\"world\":3}}}";

static smg_tokenizer *made(void) {
    smg_tokenizer *tokenizer = NULL;
    smg_error *error = NULL;
    smg_bytes options = smg_bytes_of("{\"chat_template\":\"{% for m in messages %}{{ m.content }}|{% endfor %}\"}");
    CHECK_EQUAL(smg_tokenizer_create_from_bytes(smg_bytes_of(words), options, &tokenizer, &error), SMG_OK);
    CHECK(tokenizer != NULL && error == NULL);
    return tokenizer;
}

static void test_encoding(const smg_tokenizer *tokenizer) {
    smg_tokens tokens = {NULL, 0};
    smg_bytes text = smg_bytes_of("hello world x");
    CHECK_EQUAL(smg_tokenizer_encode(tokenizer, text, SMG_ADD_SPECIAL_TOKENS, &tokens, NULL), SMG_OK);
    CHECK_EQUAL(tokens.len, 4);
    CHECK(tokens.len == 4 && tokens.ids[0] == 1 && tokens.ids[1] == 2 && tokens.ids[2] == 3 && tokens.ids[3] == 0);
    smg_buffer decoded = {NULL, 0};
    CHECK_EQUAL(
        smg_tokenizer_decode(tokenizer, tokens.ids, tokens.len, SMG_SKIP_SPECIAL_TOKENS, &decoded, NULL), SMG_OK);
    CHECK_TEXT((char *)decoded.data, "hello world <unk>");
    smg_buffer_destroy(&decoded);
    smg_tokens_destroy(&tokens);
    smg_tokens_destroy(&tokens);
    CHECK(tokens.ids == NULL && tokens.len == 0);

    size_t count = 0;
    CHECK_EQUAL(smg_tokenizer_count_tokens(tokenizer, text, 0, &count, NULL), SMG_OK);
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(smg_tokenizer_encode(tokenizer, smg_bytes_of(""), 0, &tokens, NULL), SMG_OK);
    CHECK_EQUAL(tokens.len, 0);
    smg_tokens_destroy(&tokens);

    smg_bytes texts[3] = {smg_bytes_of("hello"), smg_bytes_of(""), smg_bytes_of("world hello")};
    smg_tokens rows[3];
    CHECK_EQUAL(smg_tokenizer_encode_batch(tokenizer, texts, 3, 0, rows, NULL), SMG_OK);
    CHECK(rows[0].len == 1 && rows[1].len == 0 && rows[2].len == 2 && rows[2].ids[0] == 3);
    for (int i = 0; i < 3; i++) smg_tokens_destroy(&rows[i]);
    CHECK_EQUAL(smg_tokenizer_encode_batch(tokenizer, NULL, 0, 0, NULL, NULL), SMG_OK);
}

static void test_vocabulary(const smg_tokenizer *tokenizer) {
    uint32_t id = 99;
    CHECK_EQUAL(smg_tokenizer_token_to_id(tokenizer, smg_bytes_of("world"), &id, NULL), SMG_OK);
    CHECK_EQUAL(id, 3);
    CHECK_EQUAL(smg_tokenizer_token_to_id(tokenizer, smg_bytes_of("none"), &id, NULL), SMG_E_TOKEN_UNKNOWN);
    smg_buffer text = {NULL, 0};
    CHECK_EQUAL(smg_tokenizer_id_to_token(tokenizer, 1, &text, NULL), SMG_OK);
    CHECK_TEXT((char *)text.data, "<s>");
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_tokenizer_id_to_token(tokenizer, 4000000000u, &text, NULL), SMG_E_TOKEN_UNKNOWN);
    CHECK_EQUAL(smg_tokenizer_info(tokenizer, &text, NULL), SMG_OK);
    CHECK_CONTAINS((char *)text.data, "\"kind\":\"huggingface\",\"vocab_size\":4");
    CHECK_CONTAINS((char *)text.data, "\"chat_template\":true,\"content_format\":\"string\"");
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_tokenizer_vocabulary(tokenizer, &text, NULL), SMG_OK);
    CHECK_TEXT((char *)text.data, "{\"<unk>\":0,\"<s>\":1,\"hello\":2,\"world\":3}");
    smg_buffer_destroy(&text);
}

static void test_templates(const smg_tokenizer *tokenizer) {
    smg_buffer prompt = {NULL, 0};
    smg_error *error = NULL;
    smg_bytes request = smg_bytes_of(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"b\"},{\"type\":\"text\",\"text\":\"c\"}]}]}");
    CHECK_EQUAL(smg_tokenizer_apply_chat_template(tokenizer, request, &prompt, &error), SMG_OK);
    CHECK_TEXT((char *)prompt.data, "a|b\nc|");
    smg_buffer_destroy(&prompt);
    CHECK_EQUAL(
        smg_tokenizer_apply_chat_template(tokenizer, smg_bytes_of("{}"), &prompt, &error), SMG_E_TEMPLATE);
    smg_error_destroy(error);
    CHECK_EQUAL(
        smg_tokenizer_apply_chat_template(tokenizer, smg_bytes_of("{"), &prompt, &error), SMG_E_ARGUMENT);
    smg_error_destroy(error);
}

static void test_decoder(smg_tokenizer *tokenizer) {
    smg_decoder *decoder = NULL;
    smg_error *error = NULL;
    smg_bytes options = smg_bytes_of("{\"stop\":[\"world\"],\"skip_special_tokens\":true}");
    CHECK_EQUAL(smg_decoder_create(tokenizer, options, &decoder, &error), SMG_OK);
    // A decoder outlives its tokenizer.
    smg_tokenizer_destroy(tokenizer);
    const uint32_t ids[] = {1, 2, 3, 2};
    smg_buffer text = {NULL, 0};
    int32_t stopped = 7;
    CHECK_EQUAL(smg_decoder_step(decoder, ids, 2, &text, &stopped, &error), SMG_OK);
    CHECK_TEXT((char *)text.data, "hello");
    CHECK_EQUAL(stopped, 0);
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_decoder_step(decoder, ids + 2, 2, &text, &stopped, &error), SMG_OK);
    CHECK_TEXT((char *)text.data, " ");
    CHECK_EQUAL(stopped, 1);
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_decoder_finish(decoder, &text, &error), SMG_OK);
    CHECK_EQUAL(text.len, 0);
    smg_buffer_destroy(&text);
    smg_decoder_destroy(decoder);
    smg_decoder_destroy(decoder);
    CHECK_EQUAL(smg_decoder_finish(decoder, &text, NULL), SMG_E_ARGUMENT);
}

static void test_parser(void) {
    smg_parser *parser = NULL;
    smg_buffer events = {NULL, 0};
    smg_error *error = NULL;
    CHECK_CONTAINS(smg_parser_names(), "\"tool_call_parsers\":[");
    CHECK_CONTAINS(smg_parser_names(), "\"qwen\"");
    smg_bytes options = smg_bytes_of("{\"tool_call_parser\":\"qwen\",\"reasoning_parser\":\"qwen3\"}");
    CHECK_EQUAL(smg_parser_create(options, &parser, &error), SMG_OK);
    CHECK_EQUAL(smg_parser_feed(parser, smg_bytes_of("<think>a</think>b<tool_"), &events, &error), SMG_OK);
    CHECK_TEXT(
        (char *)events.data, "[{\"type\":\"reasoning\",\"text\":\"a\"},{\"type\":\"content\",\"text\":\"b\"}]");
    smg_buffer_destroy(&events);
    smg_bytes rest = smg_bytes_of("call>\n{\"name\":\"f\",\"arguments\":{\"x\":1}}\n</tool_call>");
    CHECK_EQUAL(smg_parser_feed(parser, rest, &events, &error), SMG_OK);
    CHECK_CONTAINS((char *)events.data, "{\"type\":\"tool_call\",\"index\":0,\"id\":null,\"name\":\"f\"}");
    CHECK_CONTAINS((char *)events.data, "{\"type\":\"tool_call_end\",\"index\":0,\"complete\":true}");
    smg_buffer_destroy(&events);
    CHECK_EQUAL(smg_parser_finish(parser, &events, &error), SMG_OK);
    smg_buffer_destroy(&events);
    CHECK_EQUAL(smg_parser_feed(parser, rest, &events, &error), SMG_E_STATE);
    smg_error_destroy(error);
    smg_parser_destroy(parser);

    smg_bytes unknown = smg_bytes_of("{\"tool_call_parser\":\"none\"}");
    CHECK_EQUAL(smg_parser_create(unknown, &parser, &error), SMG_E_PARSER_UNKNOWN);
    CHECK_TEXT(smg_error_name(error), "parser_unknown");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_parser_create(smg_bytes_of("{\"tool_parser\":1}"), &parser, NULL), SMG_E_ARGUMENT);

    smg_bytes whole = smg_bytes_of("<tool_call>\n{\"name\":\"f\",\"arguments\":{}}\n</tool_call>");
    CHECK_EQUAL(smg_parser_parse(smg_bytes_of("{\"model\":\"Qwen3-32B\"}"), whole, &events, &error), SMG_OK);
    CHECK_CONTAINS((char *)events.data, "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}");
    smg_buffer_destroy(&events);
}

static void test_refusals(const smg_tokenizer *tokenizer) {
    smg_tokenizer *other = (smg_tokenizer *)&other;
    smg_error *error = NULL;
    smg_bytes none = smg_bytes_of("");
    CHECK_EQUAL(
        smg_tokenizer_create_from_file(smg_bytes_of("/no/such"), none, &other, &error), SMG_E_TOKENIZER_SOURCE);
    CHECK(other == NULL);
    CHECK_CONTAINS(smg_error_message(error), "/no/such");
    smg_error_destroy(error);
    CHECK_EQUAL(
        smg_tokenizer_create_from_bytes(smg_bytes_of("{\"model\":{}}"), none, &other, &error),
        SMG_E_TOKENIZER_FORMAT);
    smg_error_destroy(error);
    CHECK_EQUAL(
        smg_tokenizer_create_from_pretrained(smg_bytes_of("../../etc/none"), none, &other, NULL),
        SMG_E_TOKENIZER_SOURCE);
    CHECK_EQUAL(
        smg_tokenizer_create_from_bytes(smg_bytes_of(words), smg_bytes_of("{\"x\":1}"), &other, NULL), SMG_E_ARGUMENT);
    smg_tokens tokens = {NULL, 0};
    CHECK_EQUAL(smg_tokenizer_encode(tokenizer, smg_bytes_of("a"), 2, &tokens, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_tokenizer_encode(tokenizer, smg_bytes_of("a"), 0, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_tokenizer_encode(NULL, smg_bytes_of("a"), 0, &tokens, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(
        smg_tokenizer_encode((const smg_tokenizer *)&tokens, smg_bytes_of("a"), 0, &tokens, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_tokenizer_encode_batch(tokenizer, NULL, 2, 0, &tokens, NULL), SMG_E_ARGUMENT);
    smg_buffer text = {NULL, 0};
    CHECK_EQUAL(smg_tokenizer_decode(tokenizer, NULL, 3, 0, &text, NULL), SMG_E_ARGUMENT);
    smg_tokenizer_destroy(NULL);
    smg_decoder_destroy(NULL);
    smg_parser_destroy(NULL);
    smg_tokens_destroy(NULL);
}

int main(void) {
    smg_tokenizer *tokenizer = made();
    test_encoding(tokenizer);
    test_vocabulary(tokenizer);
    test_templates(tokenizer);
    test_refusals(tokenizer);
    test_decoder(tokenizer);
    test_parser();
    return check_end();
}
