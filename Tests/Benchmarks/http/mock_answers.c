// What the mock worker says: the shapes of an SGLang server, with fixed content.
#define _GNU_SOURCE
#include "mock_answers.h"

#include <stdarg.h>

#include "common.h"

/// printf into memory that lives as long as the program.
__attribute__((format(printf, 1, 2))) static struct iovec text(const char *format, ...) {
    char *made = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&made, format, arguments);
    va_end(arguments);
    if (length < 0) die("vasprintf");
    return (struct iovec){.iov_base = made, .iov_len = (size_t)length};
}

static struct iovec response(const char *status, struct iovec body) {
    return text("HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status, body.iov_len,
                (const char *)body.iov_base);
}

static struct iovec chunk(struct iovec body) {
    return text("%zx\r\n%s\r\n", body.iov_len, (const char *)body.iov_base);
}

/// A chat completion of about 600 bytes.
static struct iovec chat_completion(const char *model) {
    return text(
        "{\"id\":\"chatcmpl-2f6c1d0a9b7e4c53\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"%s\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"A proxy stands between a client "
        "and a server. It reads each request, decides which server is to answer it, sends it on, and relays the answer "
        "as it comes. Time spent in the proxy is time the client waits for nothing.\",\"reasoning_content\":null,"
        "\"tool_calls\":null},\"logprobs\":null,\"finish_reason\":\"stop\",\"matched_stop\":null}],\"usage\":"
        "{\"prompt_tokens\":158,\"completion_tokens\":52,\"total_tokens\":210,\"prompt_tokens_details\":null}}",
        model);
}

static struct iovec server_info(const char *model) {
    return text(
        "{\"model_path\":\"%s\",\"served_model_name\":\"%s\",\"tokenizer_path\":\"%s\",\"tp_size\":1,\"dp_size\":1,"
        "\"pp_size\":1,\"load_balance_method\":\"round_robin\",\"disaggregation_mode\":\"null\",\"max_num_reqs\":4096,"
        "\"max_total_num_tokens\":1048576,\"context_length\":131072,\"version\":\"0.5.6\","
        "\"internal_states\":[{\"last_gen_throughput\":0.0}]}",
        model, model, model);
}

static struct iovec model_info(const char *model) {
    return text(
        "{\"model_path\":\"%s\",\"tokenizer_path\":\"%s\",\"is_generation\":true,\"preferred_sampling_params\":null,"
        "\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"]}",
        model, model);
}

void build_answers(struct answers *answers, const char *model) {
    answers->whole[ROUTE_NOT_FOUND] = response("404 Not Found", text("{\"detail\":\"Not Found\"}"));
    answers->whole[ROUTE_HEALTH] = response("200 OK", text("{}"));
    answers->whole[ROUTE_MODELS] = response(
        "200 OK", text("{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":1700000000,"
                       "\"owned_by\":\"sglang\",\"root\":\"%s\",\"max_model_len\":131072}]}",
                       model, model));
    answers->whole[ROUTE_MODEL_INFO] = response("200 OK", model_info(model));
    answers->whole[ROUTE_SERVER_INFO] = response("200 OK", server_info(model));
    answers->whole[ROUTE_LOAD] = response(
        "200 OK", text("[{\"dp_rank\":0,\"num_reqs\":0,\"num_waiting_reqs\":0,\"num_tokens\":0,\"ts_tic\":0.0}]"));
    answers->whole[ROUTE_LOADS] = response(
        "200 OK", text("{\"timestamp\":\"2024-01-01T00:00:00Z\",\"version\":\"0.5.6\",\"dp_rank_count\":1,\"loads\":"
                       "[{\"dp_rank\":0,\"num_running_reqs\":0,\"num_waiting_reqs\":0,\"num_used_tokens\":0,"
                       "\"max_total_num_tokens\":1048576,\"token_usage\":0.0}]}"));
    answers->whole[ROUTE_GENERATE] = response("200 OK", chat_completion(model));

    answers->stream_head = text(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
        "transfer-encoding: chunked\r\n\r\n");
    answers->event = chunk(
        text("data: {\"id\":\"chatcmpl-2f6c1d0a9b7e4c53\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
             "\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},\"logprobs\":null,"
             "\"finish_reason\":null}],\"usage\":null}\n\n",
             model));
    struct iovec done = chunk(text("data: [DONE]\n\n"));
    answers->stream_end = text("%s0\r\n\r\n", (const char *)done.iov_base);
}
