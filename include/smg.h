/*
 * smg.h - the C interface of libsmg.so, a gateway for LLM inference engines, with its tokenizers and parsers.
 *
 * A gateway stands in front of inference engines that speak the OpenAI or SGLang HTTP API ("workers"), chooses one for
 * each request and relays the answer. This header runs such a gateway inside the calling process, on threads of its
 * own:
 *
 *     smg_gateway *gateway = NULL;
 *     smg_error *error = NULL;
 *     smg_bytes config = smg_bytes_of("{\"worker_urls\": [\"http://10.0.0.1:8000\"], \"port\": 30000}");
 *     if (smg_gateway_create(config, &gateway, &error) != SMG_OK || smg_gateway_start(gateway, &error) != SMG_OK) {
 *         fprintf(stderr, "%s\n", smg_error_message(error));
 *         smg_error_destroy(error);
 *         smg_gateway_destroy(gateway);
 *         return 1;
 *     }
 *     smg_gateway_wait(gateway, SMG_FOREVER, NULL);       // until another thread calls smg_gateway_stop
 *     smg_gateway_destroy(gateway);
 *
 * What is in this file is the interface; what is not in it is not. These rules hold for all of it:
 *
 * Names       Everything begins with smg_ or SMG_. Functions are called smg_<noun>_<verb>.
 *
 * Status      A function that can fail returns an smg_status: 0 for success, else one of the SMG_E_ values below.
 *
 * Errors      Such a function takes `smg_error **error` last. It may be NULL. Otherwise *error is set in every case: to
 *             NULL on success, on failure to an object that the caller owns and ends with smg_error_destroy. There is
 *             no "last error" of a thread or of the library. Out parameters other than *error are written on success
 *             only, except that handles and buffers are set to NULL or empty on failure.
 *
 * Input       Text and documents are passed as smg_bytes: a pointer and a length, UTF-8, without a NUL at the end. The
 *             library reads them during the call and keeps no pointer to them.
 *
 * Output      Text and documents come back as an smg_buffer, which the caller ends with smg_buffer_destroy, or as a
 *             `const char *`, which belongs to the library and stays valid as long as the function says. Never pass
 *             memory of this library to free().
 *
 * Handles     smg_gateway, smg_tokenizer, smg_decoder and smg_parser are opaque; a pointer to one is a name for it and
 *             points to nothing that can be read. NULL, a handle that has been destroyed, a handle of another kind and a
 *             pointer that never was a handle are recognised and refused with SMG_E_ARGUMENT. (A destroyed handle's name
 *             is given out again after SMG_HANDLE_NAMES more of its kind.) What a handle was made from may be destroyed
 *             before it.
 *
 * Threads     Every function may be called from any thread at any time, also several at once on the same handle, unless
 *             its "Threads" line says otherwise.
 *
 * Signals     The library installs no signal handlers and changes no signal mask of the host's threads. Its own threads
 *             block all signals except those that report a fault.
 *
 * Fork        Threads do not survive fork(). After a process has created a gateway, its child processes may call the
 *             functions about version, status, errors and buffers, those of tokenizers, decoders and parsers (if no
 *             other thread was inside one at the fork), and exec or _exit; every other function returns SMG_E_FORKED,
 *             and smg_gateway_destroy does nothing. Processes that fork workers create their gateways after the fork.
 *
 * Exceptions  Nothing is thrown or longjmp'ed across this interface, and no argument makes the library end the process,
 *             except pointers to memory that is not there.
 *
 * Versions    Within one SMG_ABI_VERSION functions and status values are only added, and JSON documents only gain
 *             members. A program that loads the library at run time compares smg_abi_version() with the SMG_ABI_VERSION
 *             it was written for.
 */
#ifndef SMG_H
#define SMG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------------------------
 * Constants
 */

/* The release this header belongs to, as in smg_version(). */
#define SMG_VERSION_MAJOR 0
#define SMG_VERSION_MINOR 1
#define SMG_VERSION_PATCH 0

/* The interface this header describes, as in smg_abi_version(). Changes only when something in it breaks. */
#define SMG_ABI_VERSION 1

/* As a timeout: wait without limit. */
#define SMG_FOREVER (-1)

/* As a grace period: the one in the gateway's configuration, `shutdown_grace_period_secs`. */
#define SMG_CONFIGURED_GRACE (-1)

/* Gateways a process can have at the same time. */
#define SMG_MAX_GATEWAYS 256

/* Tokenizers, and decoders and parsers each, that a process can have at the same time. */
#define SMG_MAX_TOKENIZERS 1024
#define SMG_MAX_STREAMS 65536

/* Handles of one kind made before the name of a destroyed one is used again. */
#define SMG_HANDLE_NAMES 131072

/*
 * The outcome of a call. Values are pinned: they never change their meaning. Failures come in groups of a hundred, so a
 * program that meets a value newer than itself can still tell the group: -status / 100.
 */
typedef int32_t smg_status;

#define SMG_OK 0

/* 1xx: the call itself. */
#define SMG_E_ARGUMENT (-100)          /* a NULL, unknown or malformed argument; a handle that is none */
#define SMG_E_STATE (-101)             /* the gateway is not in the state this call needs: not started, or stopped */
#define SMG_E_FORKED (-102)            /* called in a child of the process that made gateways; see "Fork" above */

/* 2xx: the configuration. */
#define SMG_E_CONFIG (-200)            /* any other mistake in the configuration */
#define SMG_E_CONFIG_SYNTAX (-201)     /* the document is not valid JSON, or is not an object */
#define SMG_E_CONFIG_OPTION (-202)     /* an option that does not exist, or not in this place */
#define SMG_E_CONFIG_VALUE (-203)      /* a value that is missing, malformed, out of range or given twice */
#define SMG_E_CONFIG_CONFLICT (-204)   /* options that cannot be combined */
#define SMG_E_CONFIG_FILE (-205)       /* a file named in the configuration cannot be read */

/* 3xx: the network and the operating system, at start. */
#define SMG_E_NETWORK (-300)           /* any other failure of a system call */
#define SMG_E_ADDRESS_IN_USE (-301)    /* another socket listens on the address */
#define SMG_E_NAME_NOT_RESOLVED (-302) /* the host to listen on has no address */
#define SMG_E_PERMISSION (-303)        /* the operating system does not allow to listen there */
#define SMG_E_TLS (-304)               /* a certificate or key cannot be used */

/* 4xx: workers. */
#define SMG_E_WORKER (-400)            /* any other refusal of a change to the workers */
#define SMG_E_WORKER_NOT_FOUND (-401)  /* there is no worker with that id or URL */
#define SMG_E_WORKER_EXISTS (-402)     /* there is a worker with that URL already */
#define SMG_E_WORKER_INVALID (-403)    /* the description of the worker is malformed */

/* 5xx: limits. */
#define SMG_E_LIMIT (-500)             /* a bound is reached: gateways, open files, threads */

/* 6xx: time. */
#define SMG_E_TIMEOUT (-600)           /* the time given to the call is over */

/* 7xx: the library. */
#define SMG_E_INTERNAL (-700)          /* a fault of the library; please report it */

/* 8xx: tokenizers. */
#define SMG_E_TOKENIZER (-800)         /* any other failure of a tokenizer */
#define SMG_E_TOKENIZER_SOURCE (-801)  /* its source is not there, cannot be read or cannot be fetched */
#define SMG_E_TOKENIZER_FORMAT (-802)  /* its source is malformed, or asks for something this library does not have */
#define SMG_E_TOKEN_UNKNOWN (-803)     /* an id or a token that is not in the vocabulary */
#define SMG_E_TEMPLATE (-804)          /* there is no chat template, or it ended with an error */

/* 9xx: parsers. */
#define SMG_E_PARSER_UNKNOWN (-900)    /* there is no parser of that name */

/* ---------------------------------------------------------------------------------------------------------------------
 * Types
 */

/*
 * Bytes the caller lends to the library for the time of one call. `data` may be NULL if `len` is 0. The bytes need not
 * end with a NUL.
 */
typedef struct smg_bytes {
    const uint8_t *data;
    size_t len;
} smg_bytes;

/*
 * Bytes the library gives to the caller, who ends them with smg_buffer_destroy. Set both members to zero before the
 * first use. A NUL follows the `len` bytes, so that text can be printed as a C string.
 */
typedef struct smg_buffer {
    uint8_t *data;
    size_t len;
} smg_buffer;

/* What went wrong in one call. Immutable; may be read from several threads. */
typedef struct smg_error smg_error;

/* A gateway: created, started once, stopped once, destroyed. */
typedef struct smg_gateway smg_gateway;

/* A tokenizer with its chat template. Immutable. */
typedef struct smg_tokenizer smg_tokenizer;

/* Turns the ids of one sequence into text as they come. */
typedef struct smg_decoder smg_decoder;

/* Takes one answer of a model apart as it comes: content, reasoning, tool calls. */
typedef struct smg_parser smg_parser;

/*
 * Ids the library gives to the caller, who ends them with smg_tokens_destroy. Set both members to zero before the first
 * use.
 */
typedef struct smg_tokens {
    uint32_t *ids;
    size_t len;
} smg_tokens;

/*
 * Takes one log line: UTF-8 text without the line feed at its end, valid during the call. `level` is one of SMG_LOG_.
 * `user_data` is what was given with the function.
 *
 * Called on a thread of the library, one call at a time. It may take its time: requests do not wait for it, but lines
 * are dropped (and counted in a later line) when far too many are waiting. It cannot start, stop or destroy the
 * same gateway: smg_gateway_start and smg_gateway_stop return SMG_E_STATE there, and smg_gateway_destroy does nothing.
 */
typedef void (*smg_log_fn)(int32_t level, smg_bytes line, void *user_data);

/* Takes back `user_data`; called exactly once, when no further line will come. */
typedef void (*smg_release_fn)(void *user_data);

/* How much a log line matters. */
#define SMG_LOG_DEBUG 0
#define SMG_LOG_INFO 1
#define SMG_LOG_WARN 2
#define SMG_LOG_ERROR 3

/*
 * The bytes of a C string, without its NUL; empty for NULL. The result is valid as long as the string.
 */
static inline smg_bytes smg_bytes_of(const char *text) {
    smg_bytes bytes = {(const uint8_t *)text, 0};
    if (text) {
        while (text[bytes.len]) bytes.len++;
    }
    return bytes;
}

/* ---------------------------------------------------------------------------------------------------------------------
 * Library
 */

/*
 * The version of the library, such as "0.1.0". Valid for ever.
 *
 * Since: 0.1
 */
const char *smg_version(void);

/*
 * The interface the library implements. Compare it with SMG_ABI_VERSION after loading the library at run time:
 *
 *     if (smg_abi_version() != SMG_ABI_VERSION) abort();
 *
 * Since: 0.1
 */
int32_t smg_abi_version(void);

/*
 * What the library was built from and how, as one JSON object for bug reports: "version", "abi_version", "compiler",
 * "configuration" ("release" or "debug"), "self_contained" (whether the libraries it needs are inside it),
 * "architecture". Valid for ever.
 *
 * Since: 0.1
 */
const char *smg_build_info(void);

/*
 * The JSON Schema (draft 2020-12) of the document that smg_gateway_create takes: all options with types, ranges,
 * defaults and explanations. Valid for ever.
 *
 * Since: 0.1
 */
const char *smg_config_schema(void);

/*
 * The stable name of a status, such as "worker_not_found" for SMG_E_WORKER_NOT_FOUND; "ok" for SMG_OK, and "unknown"
 * for a value this library does not know. Valid for ever.
 *
 * Since: 0.1
 */
const char *smg_status_name(smg_status status);

/* ---------------------------------------------------------------------------------------------------------------------
 * Buffers
 */

/*
 * Frees the buffer's bytes and makes it empty. NULL and an empty buffer are fine, so calling it twice is.
 *
 *     smg_buffer json = {NULL, 0};
 *     smg_gateway_workers(gateway, &json, NULL);
 *     puts((const char *)json.data);
 *     smg_buffer_destroy(&json);
 *
 * Threads: one at a time per buffer.
 * Since: 0.1
 */
void smg_buffer_destroy(smg_buffer *buffer);

/* ---------------------------------------------------------------------------------------------------------------------
 * Errors
 *
 * All functions take NULL, which stands for "no error". The strings they return belong to the error and are valid until
 * it is destroyed; those for NULL are valid for ever.
 */

/*
 * The status that the failed call returned; SMG_OK for NULL.
 *
 * Since: 0.1
 */
smg_status smg_error_code(const smg_error *error);

/*
 * What went wrong, as one stable word for programs, at least as exact as the status: "unknown_option",
 * "address_in_use", "not_started". Safe as a metric label. "ok" for NULL.
 *
 * Since: 0.1
 */
const char *smg_error_name(const smg_error *error);

/*
 * What went wrong, as a sentence for people; names the place, the value and what is allowed, and never holds a key or a
 * prompt. Empty for NULL.
 *
 * Since: 0.1
 */
const char *smg_error_message(const smg_error *error);

/*
 * What went wrong, as a JSON object for programs: always "status" and "name", and besides:
 *
 *   configuration   "option" (as in flags, "cache-threshold"), "key" (as in the document, "cache_threshold"), and
 *                   "line" in the document, from 1; each only when it is known
 *   workers         "param", the member of the description at fault, and "http_status", what the admin API answers
 *
 * "{}" for NULL.
 *
 * Since: 0.1
 */
const char *smg_error_detail_json(const smg_error *error);

/*
 * 1 if the same call may succeed later without any change to its arguments, else 0; 0 for NULL.
 *
 * Since: 0.1
 */
int32_t smg_error_retryable(const smg_error *error);

/*
 * Ends an error. NULL is fine.
 *
 * Threads: once per error, when no other thread uses it or a string of it.
 * Since: 0.1
 */
void smg_error_destroy(smg_error *error);

/* ---------------------------------------------------------------------------------------------------------------------
 * Gateway: life
 */

/*
 * Makes a gateway from a configuration, which is checked as a whole. Opens no socket and starts no thread.
 *
 *   config_json   one JSON object; its keys are the command line's flags with underscores. Absent options have their
 *                 defaults, so "{}" and no bytes at all are complete configurations. Environment variables play no
 *                 part. See smg_config_schema.
 *   gateway       set to the new handle, which the caller ends with smg_gateway_destroy; NULL on failure
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; one of SMG_E_CONFIG...; SMG_E_LIMIT; SMG_E_FORKED.
 *
 *     smg_gateway_create(smg_bytes_of("{\"port\": 0, \"policy\": \"round_robin\"}"), &gateway, &error);
 *
 * Since: 0.1
 */
smg_status smg_gateway_create(smg_bytes config_json, smg_gateway **gateway, smg_error **error);

/*
 * Makes a gateway from the arguments of a command line, those behind `smg launch`. Unlike a document they may name a
 * configuration file (`--config`, JSON or YAML), and variables of the environment whose names begin with SMG_ count.
 *
 *   arguments     C strings, UTF-8
 *   count         how many
 *   columns       width that a help text is wrapped to
 *   gateway       set to the new handle as by smg_gateway_create, or to NULL if the arguments ask for something else
 *   text          set to what is to be printed then: the answer to --help, --version, --print-config or --check-config;
 *                 empty otherwise. The caller destroys it.
 *
 * Returns as smg_gateway_create.
 *
 *     smg_status status = smg_gateway_create_from_arguments(argv + 1, argc - 1, 80, &gateway, &text, &error);
 *     if (status == SMG_OK && !gateway) puts((const char *)text.data);
 *
 * Since: 0.1
 */
smg_status smg_gateway_create_from_arguments(
    const char *const *arguments, size_t count, int32_t columns, smg_gateway **gateway, smg_buffer *text,
    smg_error **error);

/*
 * Opens the sockets and starts the threads. Returns when clients can connect, without waiting for workers: until one
 * has answered its health check, requests are refused with status 503. After a failure the gateway is as before, and
 * may be started again.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if it has been started before; one of 3xx; SMG_E_LIMIT; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_start(smg_gateway *gateway, smg_error **error);

/*
 * Ends a gateway: it accepts no further connections, lets requests finish, and cuts those that are left when the grace
 * period is over. Returns when all its threads have ended. Stopping a stopped gateway does nothing; a second call
 * beside a running one waits for that one.
 *
 *   grace_ms      milliseconds that requests may take to finish; 0 cuts them at once; SMG_CONFIGURED_GRACE
 *
 * Returns SMG_OK; SMG_E_ARGUMENT (also for a negative time other than SMG_CONFIGURED_GRACE); SMG_E_STATE if it was
 * never started; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_stop(smg_gateway *gateway, int64_t grace_ms, smg_error **error);

/*
 * Waits until the gateway has been stopped, by another thread.
 *
 *   timeout_ms    milliseconds to wait at most; 0 only looks; SMG_FOREVER
 *
 * Returns SMG_OK when it is stopped; SMG_E_TIMEOUT when it still runs; SMG_E_ARGUMENT; SMG_E_STATE if it was never
 * started; SMG_E_FORKED. Signals do not end the wait: a host that handles them in this thread waits in slices.
 *
 *     while (!interrupted && smg_gateway_wait(gateway, 200, NULL) == SMG_E_TIMEOUT) {}
 *
 * Since: 0.1
 */
smg_status smg_gateway_wait(smg_gateway *gateway, int64_t timeout_ms, smg_error **error);

/*
 * Ends a handle. A gateway that still runs is stopped without grace, and all its threads have ended when this returns.
 * Calls of other threads on the same handle end as if the gateway had been stopped. NULL and a handle destroyed before
 * are fine.
 *
 * Since: 0.1
 */
void smg_gateway_destroy(smg_gateway *gateway);

/* ---------------------------------------------------------------------------------------------------------------------
 * Gateway: addresses
 */

/*
 * The port clients connect to, of interest if the configuration says 0 (any); 0 if the gateway listens on a Unix
 * socket. Negative values are a status: SMG_E_ARGUMENT, SMG_E_STATE if the gateway does not run, SMG_E_FORKED.
 *
 * Since: 0.1
 */
int32_t smg_gateway_port(const smg_gateway *gateway);

/*
 * The port where Prometheus reads /metrics; else as smg_gateway_port.
 *
 * Since: 0.1
 */
int32_t smg_gateway_metrics_port(const smg_gateway *gateway);

/*
 * Where clients connect to, as text: "127.0.0.1:30000", "[::1]:30000" or "unix:/run/smg.sock".
 *
 *   address       set to the text; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway does not run; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_address(const smg_gateway *gateway, smg_buffer *address, smg_error **error);

/* ---------------------------------------------------------------------------------------------------------------------
 * Gateway: workers
 */

/*
 * Adds a worker. Returns at once; the worker gets requests from its first passed health check on.
 *
 *   worker_json   {"url": "http://10.0.0.1:8000", ...}; optional members: "api_key" (sent to the worker), "model_id"
 *                 (default: what the worker says), "priority", "cost", "labels" (an object of strings)
 *   added         set to the worker as in smg_gateway_workers, with its "id"; the caller destroys it; may be NULL
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway does not run or is being stopped; one of 4xx;
 * SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_worker_add(
    smg_gateway *gateway, smg_bytes worker_json, smg_buffer *added, smg_error **error);

/*
 * Removes a worker. Returns at once; from then on the worker gets no new requests, and leaves the list when those it
 * has are done and `drain_settle_secs` are over.
 *
 *   id_or_url     the worker's "id", or its URL
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway does not run or is being stopped; SMG_E_WORKER_NOT_FOUND;
 * SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_worker_remove(smg_gateway *gateway, smg_bytes id_or_url, smg_error **error);

/*
 * All workers, as {"workers": [...], "total": 2}. Each has "id", "url", "model_id", "status" ("pending" until it has
 * answered, "ready", "not_ready", "failed", "draining"), "is_healthy", "load" (requests in flight), "circuit_breaker",
 * and what it was added with; a pending one says in "job_status" what it waits for.
 *
 *   workers       set to the document; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway does not run; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_workers(const smg_gateway *gateway, smg_buffer *workers, smg_error **error);

/*
 * What the gateway does at this moment and has done so far, as one JSON object:
 *
 *   "version", "uptime_seconds", "address", "tls" (whether clients speak HTTPS), "metrics_address", "policy"
 *   "requests"    "active" (at workers now), "succeeded", "failed", "retries", "client_disconnects", "stream_events"
 *   "cache"       "hits" and "misses" of cache-aware routing
 *   "limiter"     "enabled", "max_concurrent", "running", "queued"
 *   "workers"     one object each: "id", "url", "model_id", "status", "is_available" (gets requests), "load" (requests
 *                 in flight), "processed" (requests given to it so far), "circuit_breaker"
 *   "pending_workers"   how many have not answered yet
 *
 *   stats         set to the document; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway does not run; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_stats(const smg_gateway *gateway, smg_buffer *stats, smg_error **error);

/* ---------------------------------------------------------------------------------------------------------------------
 * Gateway: log
 */

/*
 * Sends the gateway's log lines to a function instead of standard output. To be called before smg_gateway_start.
 *
 *   level         one of SMG_LOG_: lines below it are not made; the configuration's `log_level` has no meaning then
 *   function      called for every line; NULL goes back to standard output and the configuration's level
 *   user_data     passed to the function; the library does not look at it
 *   release       called once for `user_data` when no further line will come: after the gateway has stopped, was
 *                 destroyed without a start, or got another function; never on failure of this call. May be NULL.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the gateway has been started; SMG_E_FORKED.
 *
 * Since: 0.1
 */
smg_status smg_gateway_set_log(
    smg_gateway *gateway, int32_t level, smg_log_fn function, void *user_data, smg_release_fn release,
    smg_error **error);

/* ---------------------------------------------------------------------------------------------------------------------
 * Tokenizers
 *
 * A tokenizer needs no gateway. Sources: a tokenizer.json of Hugging Face, a tiktoken file, Mistral's tekken.json, a
 * SentencePiece model, or the directory of a model with one of them.
 */

/* For smg_tokenizer_encode and its kin: add the tokens that the model wants at the beginning and the end. */
#define SMG_ADD_SPECIAL_TOKENS 1

/* For smg_tokenizer_decode and smg_decoder_create: leave special tokens out. */
#define SMG_SKIP_SPECIAL_TOKENS 1

/*
 * Loads a tokenizer from a file or a directory.
 *
 *   path          the file or directory
 *   options_json  {} or no bytes for the defaults; "chat_template": a Jinja source that goes before the one beside the
 *                 tokenizer
 *   tokenizer     set to the new handle, which the caller ends with smg_tokenizer_destroy; NULL on failure
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKENIZER_SOURCE; SMG_E_TOKENIZER_FORMAT; SMG_E_LIMIT.
 *
 *     smg_tokenizer_create_from_file(smg_bytes_of("/models/m/tokenizer.json"), smg_bytes_of(""), &tokenizer, &error);
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_create_from_file(
    smg_bytes path, smg_bytes options_json, smg_tokenizer **tokenizer, smg_error **error);

/*
 * Loads a tokenizer from memory: the bytes of a tokenizer.json, a tekken.json or a SentencePiece model, told apart by
 * their content. Else as smg_tokenizer_create_from_file.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_create_from_bytes(
    smg_bytes bytes, smg_bytes options_json, smg_tokenizer **tokenizer, smg_error **error);

/*
 * Loads a tokenizer by the name of its model: a directory if there is one of that name, else from the Hugging Face hub,
 * whose files are kept where its own tools keep them. HF_ENDPOINT, HF_HOME, HF_TOKEN and HF_HUB_OFFLINE are followed.
 * Blocks until the files are there. Else as smg_tokenizer_create_from_file.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_create_from_pretrained(
    smg_bytes name, smg_bytes options_json, smg_tokenizer **tokenizer, smg_error **error);

/*
 * Loads a tiktoken rank file.
 *
 *   path                  lines of a token in base 64 and its rank
 *   pattern               how text is cut into pieces: a regular expression, or the name of a known encoding
 *                         ("cl100k_base", "o200k_base", "o200k_harmony", "p50k_base", "r50k_base") whose pattern and
 *                         special tokens are taken
 *   special_tokens_json   {"<|endoftext|>": 100257, ...}; no bytes for none, or for those of the named encoding
 *
 * Else as smg_tokenizer_create_from_file.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_create_from_tiktoken(
    smg_bytes path, smg_bytes pattern, smg_bytes special_tokens_json, smg_tokenizer **tokenizer, smg_error **error);

/*
 * Ends a handle. NULL and a handle destroyed before are fine.
 *
 * Since: 0.1
 */
void smg_tokenizer_destroy(smg_tokenizer *tokenizer);

/*
 * The ids of a text. What is not UTF-8 in it counts as U+FFFD.
 *
 *   flags         0 or SMG_ADD_SPECIAL_TOKENS
 *   tokens        set to the ids; the caller destroys them
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKENIZER if the model cannot express the text; SMG_E_LIMIT.
 *
 *     smg_tokens tokens = {NULL, 0};
 *     smg_tokenizer_encode(tokenizer, smg_bytes_of("Hello"), SMG_ADD_SPECIAL_TOKENS, &tokens, &error);
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_encode(
    const smg_tokenizer *tokenizer, smg_bytes text, int32_t flags, smg_tokens *tokens, smg_error **error);

/*
 * The ids of many texts, spread over the processor's cores; padded to each other if the tokenizer says so.
 *
 *   texts, count  the texts
 *   tokens        `count` elements, all set or, on failure, all empty; the caller destroys each
 *
 * Else as smg_tokenizer_encode.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_encode_batch(
    const smg_tokenizer *tokenizer, const smg_bytes *texts, size_t count, int32_t flags, smg_tokens *tokens,
    smg_error **error);

/*
 * How many ids smg_tokenizer_encode would give.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_count_tokens(
    const smg_tokenizer *tokenizer, smg_bytes text, int32_t flags, size_t *count, smg_error **error);

/*
 * The text of ids: always valid UTF-8, with U+FFFD for bytes that are no text.
 *
 *   flags         0 or SMG_SKIP_SPECIAL_TOKENS
 *   text          set to the text; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKEN_UNKNOWN for an id without a token (in a tokenizer.json such ids are left
 * out instead); SMG_E_LIMIT.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_decode(
    const smg_tokenizer *tokenizer, const uint32_t *ids, size_t count, int32_t flags, smg_buffer *text,
    smg_error **error);

/*
 * The id of a token by its spelling in the vocabulary.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKEN_UNKNOWN.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_token_to_id(
    const smg_tokenizer *tokenizer, smg_bytes token, uint32_t *id, smg_error **error);

/*
 * The spelling of a token in the vocabulary; the caller destroys it.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKEN_UNKNOWN.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_id_to_token(
    const smg_tokenizer *tokenizer, uint32_t id, smg_buffer *token, smg_error **error);

/*
 * What the tokenizer is, as one JSON object: "kind" ("huggingface", "tiktoken", "tekken", "sentencepiece"),
 * "vocab_size", "id_limit" (one more than the highest id), "eos_ids", "chat_template" (whether there is one),
 * "content_format" ("string" or "openai": what the template wants message content to be), and the special tokens as
 * objects of "text" and "id": "bos", "eos", "unk", "pad", "sep", "cls", "mask", each null when there is none.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_info(const smg_tokenizer *tokenizer, smg_buffer *info, smg_error **error);

/*
 * The vocabulary as one JSON object from spellings to ids, added tokens included; the caller destroys it.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_vocabulary(const smg_tokenizer *tokenizer, smg_buffer *vocabulary, smg_error **error);

/*
 * Renders a conversation by the chat template.
 *
 *   request_json  {"messages": [...]}, and optional "tools", "documents", "add_generation_prompt" (default true),
 *                 "continue_final_message" (default false), "chat_template_kwargs" (an object whose members the template
 *                 sees as variables). A chat completion request is such an object.
 *   prompt        set to the text; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TEMPLATE with the template's own words; SMG_E_LIMIT.
 *
 * Since: 0.1
 */
smg_status smg_tokenizer_apply_chat_template(
    const smg_tokenizer *tokenizer, smg_bytes request_json, smg_buffer *prompt, smg_error **error);

/*
 * Frees the ids and makes them empty. NULL and empty ones are fine.
 *
 * Threads: one at a time per smg_tokens.
 * Since: 0.1
 */
void smg_tokens_destroy(smg_tokens *tokens);

/* ---------------------------------------------------------------------------------------------------------------------
 * Decoders: ids to text while they come
 */

/*
 * Makes a decoder for one sequence.
 *
 *   options_json  {} or no bytes for the defaults: "skip_special_tokens" (true); "stop": a text or texts that end the
 *                 answer; "stop_token_ids": ids that do; "no_stop_trim" (false): whether the stop is part of the text;
 *                 "ignore_eos" (false): whether the model's own end ids do not stop
 *   decoder       set to the new handle, which the caller ends with smg_decoder_destroy; NULL on failure
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_LIMIT.
 *
 * Threads: one at a time per decoder.
 * Since: 0.1
 */
smg_status smg_decoder_create(
    const smg_tokenizer *tokenizer, smg_bytes options_json, smg_decoder **decoder, smg_error **error);

/*
 * Takes the next ids and gives the text that is certain by now: whole characters, and nothing that may yet become a
 * stop. All pieces together, with that of smg_decoder_finish, are the text of all ids.
 *
 *   text          set to the piece, which may be empty; the caller destroys it
 *   stopped       set to 1 once a stop has come: ids behind it are not looked at; else to 0. May be NULL.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_TOKEN_UNKNOWN.
 *
 * Threads: one at a time per decoder.
 * Since: 0.1
 */
smg_status smg_decoder_step(
    smg_decoder *decoder, const uint32_t *ids, size_t count, smg_buffer *text, int32_t *stopped, smg_error **error);

/*
 * Ends the sequence and gives what was held back; an incomplete character becomes U+FFFD. The decoder is as new then.
 *
 * Threads: one at a time per decoder.
 * Since: 0.1
 */
smg_status smg_decoder_finish(smg_decoder *decoder, smg_buffer *text, smg_error **error);

/*
 * Ends a handle. NULL and a handle destroyed before are fine.
 *
 * Since: 0.1
 */
void smg_decoder_destroy(smg_decoder *decoder);

/* ---------------------------------------------------------------------------------------------------------------------
 * Parsers: tool calls and reasoning in a model's answer
 */

/*
 * The names that smg_parser_create takes, as {"tool_call_parsers": [...], "reasoning_parsers": [...]}. Valid for ever.
 *
 * Since: 0.1
 */
const char *smg_parser_names(void);

/*
 * Makes a parser for one answer.
 *
 *   options_json  "tool_call_parser" and "reasoning_parser": names of formats; "model": the model's id, from which the
 *                 formats that are not named follow; "tools": the request's tools, for the types of parameters
 *   parser        set to the new handle, which the caller ends with smg_parser_destroy; NULL on failure
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_PARSER_UNKNOWN; SMG_E_LIMIT.
 *
 * Threads: one at a time per parser.
 * Since: 0.1
 */
smg_status smg_parser_create(smg_bytes options_json, smg_parser **parser, smg_error **error);

/*
 * Takes the next piece of the answer, cut anywhere, and gives what it says, as a JSON array of events:
 *
 *   {"type": "content", "text": ...}                       text for the reader
 *   {"type": "reasoning", "text": ...}                     text of the reasoning
 *   {"type": "tool_call", "index": 0, "id": ..., "name": ...}       a call begins; the id is null where the format has none
 *   {"type": "tool_arguments", "index": 0, "json": ...}    more of its arguments
 *   {"type": "tool_call_end", "index": 0, "complete": true}         false: it was cut short, or is not valid JSON
 *
 * The events of all pieces, their texts put together, are the same however the answer was cut.
 *
 * Threads: one at a time per parser.
 * Since: 0.1
 */
smg_status smg_parser_feed(smg_parser *parser, smg_bytes text, smg_buffer *events, smg_error **error);

/*
 * Ends the answer and gives the events of what was held back. Afterwards only smg_parser_destroy is of use.
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_STATE if the answer has been ended before (of smg_parser_feed, too).
 *
 * Threads: one at a time per parser.
 * Since: 0.1
 */
smg_status smg_parser_finish(smg_parser *parser, smg_buffer *events, smg_error **error);

/*
 * Ends a handle. NULL and a handle destroyed before are fine.
 *
 * Since: 0.1
 */
void smg_parser_destroy(smg_parser *parser);

/*
 * Takes a whole answer apart: {"content": ..., "reasoning": ..., "tool_calls": [{"id", "type", "function": {"name",
 * "arguments"}}]}.
 *
 *   options_json  as for smg_parser_create
 *   parsed        set to the document; the caller destroys it
 *
 * Returns SMG_OK; SMG_E_ARGUMENT; SMG_E_PARSER_UNKNOWN; SMG_E_LIMIT.
 *
 * Since: 0.1
 */
smg_status smg_parser_parse(smg_bytes options_json, smg_bytes text, smg_buffer *parsed, smg_error **error);

#ifdef __cplusplus
}
#endif

#endif
